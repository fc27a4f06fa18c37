package io.waystation.client;

import io.waystation.wire.Frames;
import io.waystation.wire.MessageId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

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

    /// Reads the payload of a message frame, see [Frames].
    static Message read(ByteBuffer payload) throws IOException {
        if (payload.remaining() < Frames.MESSAGE_HEADER_LENGTH) {
            throw new IOException("a message of " + payload.remaining() + " bytes (expected: at least "
                    + Frames.MESSAGE_HEADER_LENGTH + ")");
        }
        long timestampNs = payload.getLong();
        int attempts = Short.toUnsignedInt(payload.getShort());
        var id = new byte[MessageId.LENGTH];
        payload.get(id);
        var body = new byte[payload.remaining()];
        payload.get(body);
        return new Message(timestampNs, attempts, new String(id, StandardCharsets.US_ASCII), body);
    }

    /// When it was published, in nanoseconds since 1970.
    public long timestampNs() {
        return timestampNs;
    }

    /// How often it was delivered, this time included.
    public int attempts() {
        return attempts;
    }

    /// 16 hex digits, the same at every delivery.
    public String id() {
        return id;
    }

    public byte[] body() {
        return body;
    }
}
