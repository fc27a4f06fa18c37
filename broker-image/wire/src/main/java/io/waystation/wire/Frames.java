package io.waystation.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// What the server sends, and the message layout inside:
///
/// ```
///  0     4     8                     16    18                     34
/// +-----+-----+---------------------+-----+----------------------+------
/// |size |type | publish time, ns    | att.| id, 16 hex digits    | body
/// +-----+-----+---------------------+-----+----------------------+------
///  <- frame -> <------------------- message ----------------------------
/// ```
///
/// `size` counts what follows it: the type and the payload. All integers are big-endian.
public final class Frames {
    public static final int RESPONSE = 0;
    public static final int ERROR = 1;
    public static final int MESSAGE = 2;

    /// Size and type.
    public static final int HEADER_LENGTH = 8;
    /// Time, attempts, id.
    public static final int MESSAGE_HEADER_LENGTH = 8 + 2 + MessageId.LENGTH;
    /// All that stands before a message's body.
    public static final int MESSAGE_OVERHEAD = HEADER_LENGTH + MESSAGE_HEADER_LENGTH;

    public static final int MAX_ATTEMPTS = 65535;

    private static final int TYPE_LENGTH = 4;
    private static final int TYPE_AT = 4;
    private static final int TIME_AT = HEADER_LENGTH;
    private static final int ATTEMPTS_AT = TIME_AT + 8;
    private static final int ID_AT = ATTEMPTS_AT + 2;

    private Frames() {}

    private static byte[] encode(int type, byte[] payload) {
        return ByteBuffer.allocate(HEADER_LENGTH + payload.length)
                .putInt(TYPE_LENGTH + payload.length)
                .putInt(type)
                .put(payload)
                .array();
    }

    public static byte[] response(String payload) {
        return encode(RESPONSE, payload.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] error(ProtocolException cause) {
        return encode(ERROR, cause.payload());
    }

    /// Writes the 34 bytes that precede a message's body at an absolute position.
    public static void putMessageHeader(
            ByteBuffer target, int position, int bodyLength, long timestampNs, int attempts, long id) {
        target.putInt(position, TYPE_LENGTH + MESSAGE_HEADER_LENGTH + bodyLength);
        target.putInt(position + TYPE_AT, MESSAGE);
        target.putLong(position + TIME_AT, timestampNs);
        target.putShort(position + ATTEMPTS_AT, (short) attempts);
        MessageId.put(target, position + ID_AT, id);
    }
}
