package io.waystation.daemon;

/// A command line or configuration that cannot be used, or one that only asks for help. Carries what is to be printed,
/// and the exit code.
public final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    public UsageException(int exitCode, String text) {
        super(text, null, false, false);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
