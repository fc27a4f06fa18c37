package io.waystation.log;

import java.io.IOException;

/// A write or sync failed. Final: what the file holds is not known any more, so nothing is appended to this log again
/// until it is opened anew.
public final class LogFailedException extends IOException {
    private static final long serialVersionUID = 1;

    public LogFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
