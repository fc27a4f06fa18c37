package io.waystation.log;

import java.io.IOException;
import java.util.List;

/// The disk has no room. Nothing of what was to be written is there; the log works on and takes more once there is
/// room.
public final class DiskFullException extends IOException {
    private static final long serialVersionUID = 1;

    /// What Linux says for ENOSPC and EDQUOT; Java passes the text on and nothing else.
    private static final List<String> CAUSES = List.of("No space left on device", "Disk quota exceeded");

    public DiskFullException(String message, Throwable cause) {
        super(message, cause);
    }

    static boolean isCauseOf(IOException failure) {
        var text = String.valueOf(failure.getMessage());
        return CAUSES.stream().anyMatch(text::contains);
    }

    /// The failure by its name: as this exception if a full disk is what caused it, else as it is.
    public static IOException named(IOException failure) {
        return !(failure instanceof DiskFullException) && isCauseOf(failure)
                ? new DiskFullException("disk full: " + failure.getMessage(), failure)
                : failure;
    }
}
