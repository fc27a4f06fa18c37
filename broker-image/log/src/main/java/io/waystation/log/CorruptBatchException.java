package io.waystation.log;

import java.io.IOException;

/// Bytes of the log are not what was written there.
public final class CorruptBatchException extends IOException {
    private static final long serialVersionUID = 1;

    public CorruptBatchException(String message) {
        super(message);
    }
}
