package io.waystation.broker.http;

import java.nio.ByteBuffer;

/// The messages of one /mpub body, one behind the other, each behind its size.
record MessageBatch(ByteBuffer messages, int count) {
    /// nsqd's status for a body that is no batch, whatever is wrong with it.
    private static final int MALFORMED = 413;

    /// A message a line; empty lines are none, a carriage return belongs to its message.
    static MessageBatch lines(byte[] body, int maxMessageBytes) throws RefusedException {
        var messages = ByteBuffer.allocate(body.length + Integer.BYTES * countMessages(body));
        int count = 0;
        int start = 0;
        for (int i = 0; i <= body.length; i++) {
            if (i < body.length && body[i] != '\n') {
                continue;
            }
            int length = i - start;
            if (length > maxMessageBytes) {
                throw new RefusedException(MALFORMED, "MSG_TOO_BIG");
            }
            if (length > 0) {
                messages.putInt(length).put(body, start, length);
                count++;
            }
            start = i + 1;
        }
        return new MessageBatch(messages.flip(), count);
    }

    private static int countMessages(byte[] body) {
        int messages = 0;
        byte before = '\n';
        for (byte next : body) {
            if (before == '\n' && next != '\n') {
                messages++;
            }
            before = next;
        }
        return messages;
    }

    /// `int32 count`, then `int32 size, body` each, as in MPUB.
    static MessageBatch binary(byte[] body, int maxMessageBytes, int maxBodyBytes) throws RefusedException {
        var input = ByteBuffer.wrap(body);
        if (input.remaining() < Integer.BYTES) {
            throw new RefusedException(MALFORMED, "BAD_BODY");
        }
        int count = input.getInt();
        if (count <= 0 || count > (maxBodyBytes - Integer.BYTES) / (Integer.BYTES + 1)) {
            throw new RefusedException(MALFORMED, "BAD_BODY");
        }
        var messages = input.slice();
        int at = 0;
        for (int i = 0; i < count; i++) {
            if (messages.limit() - at < Integer.BYTES) {
                throw new RefusedException(MALFORMED, "BAD_MESSAGE");
            }
            int length = messages.getInt(at);
            if (length <= 0 || length > maxMessageBytes || length > messages.limit() - at - Integer.BYTES) {
                throw new RefusedException(MALFORMED, "BAD_MESSAGE");
            }
            at += Integer.BYTES + length;
        }
        return new MessageBatch(messages, count);
    }
}
