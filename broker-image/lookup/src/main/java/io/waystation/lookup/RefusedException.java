package io.waystation.lookup;

/// A broker did what the protocol does not allow. The message is the answer in NSQ's words; every such answer is the
/// connection's last.
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    RefusedException(String answer) {
        super(answer, null, false, false);
    }

    String answer() {
        return String.valueOf(getMessage());
    }
}
