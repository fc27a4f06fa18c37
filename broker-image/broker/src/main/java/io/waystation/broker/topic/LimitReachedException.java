package io.waystation.broker.topic;

import java.io.IOException;

/// There are as many topics or channels as there may be; the message is fit for the client.
public final class LimitReachedException extends IOException {
    private static final long serialVersionUID = 1;

    static final String TOPICS = "TOO_MANY_TOPICS";
    static final String CHANNELS = "TOO_MANY_CHANNELS";

    private final String code;

    LimitReachedException(String code, String what, int found, int limit, String flag) {
        super(what + ": " + found + " (expected: at most " + limit + ", " + flag + ")");
        this.code = code;
    }

    /// The error in one word.
    public String code() {
        return code;
    }
}
