package io.waystation.client;

/// A message as a consumer gets it. The body's bytes belong to whoever has the message.
public final class Message {
    private final long timestampNs;
    private final int attempts;
    private final String id;
    private final byte[] body;

    Message(long timestampNs, int attempts, String id, byte[] body) {
        this.timestampNs = timestampNs;
        this.attempts = attempts;
        this.id = id;
        this.body = body;
    }

    public long timestampNs() {
        return timestampNs;
    }

    public int attempts() {
        return attempts;
    }

    public String id() {
        return id;
    }

    public byte[] body() {
        return body;
    }
}
