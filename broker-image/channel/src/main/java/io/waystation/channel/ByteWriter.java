package io.waystation.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Builds one record's value. Integers are unsigned: 7 bits a byte, low ones first, the top bit says that more follow.
final class ByteWriter {
    private static final int PAYLOAD_BITS = 7;
    private static final int MORE = 0x80;

    private static final int SMALLEST = 256;
    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;
    private int length;

    int length() {
        return length;
    }

    /// What was written; until the next write.
    ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    ByteWriter clear() {
        length = 0;
        return this;
    }

    ByteWriter octet(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
        return this;
    }

    ByteWriter number(long value) {
        assert value >= 0 : value;
        long rest = value;
        while (rest >= MORE) {
            octet((int) (rest | MORE));
            rest >>>= PAYLOAD_BITS;
        }
        return octet((int) rest);
    }

    ByteWriter text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        number(utf8.length);
        return append(utf8, utf8.length);
    }

    ByteWriter append(ByteWriter other) {
        return append(other.bytes, other.length);
    }

    private ByteWriter append(byte[] source, int count) {
        reserve(count);
        System.arraycopy(source, 0, bytes, length, count);
        length += count;
        return this;
    }

    private void reserve(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.max(SMALLEST, 2 * bytes.length), length + count));
        }
    }
}
