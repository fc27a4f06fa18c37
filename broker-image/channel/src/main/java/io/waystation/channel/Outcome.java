package io.waystation.channel;

/// What became of a consumer's FIN, REQ or TOUCH.
public enum Outcome {
    DONE,
    /// Nobody holds the message: finished, timed out, requeued or never delivered.
    NOT_IN_FLIGHT,
    /// Somebody else holds it.
    NOT_OWNER
}
