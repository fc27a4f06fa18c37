package io.waystation.broker.http;

/// A request that is refused: status, code, and for the caller of the API for operators a message; NSQ's API
/// answers the code alone.
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    static final String INVALID_VALUE = "INVALID_VALUE";

    final int status;
    final String code;

    RefusedException(int status, String code) {
        this(status, code, code);
    }

    RefusedException(int status, String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
    }

    /// Refuses a body that is not what it should be.
    static void expect(boolean held, String what) throws RefusedException {
        if (!held) {
            throw new RefusedException(
                    400, "INVALID_BODY", "the body is not what it should be (expected: " + what + ")");
        }
    }
}
