package io.waystation.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Reads what a [ByteWriter] wrote; throws where the bytes end too early or make no sense.
final class ByteReader {
    private static final int PAYLOAD_BITS = 7;
    private static final int PAYLOAD_MASK = 0x7f;

    private final ByteBuffer source;
    private final int end;
    private int position;

    ByteReader(ByteBuffer source, int position, int length) {
        this.source = source;
        this.position = position;
        this.end = position + length;
    }

    boolean hasMore() {
        return position < end;
    }

    int position() {
        return position;
    }

    int octet() throws IOException {
        if (position == end) {
            throw new IOException("a record ends too early");
        }
        return source.get(position++) & 0xff;
    }

    long number() throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE - 1; shift += PAYLOAD_BITS) {
            int next = octet();
            value |= (long) (next & PAYLOAD_MASK) << shift;
            if (next <= PAYLOAD_MASK) {
                return value;
            }
        }
        throw new IOException("a number in a record has more than 63 bits");
    }

    String text() throws IOException {
        long length = number();
        if (length > end - position) {
            throw new IOException("a text of " + length + " bytes in a record with " + (end - position) + " left");
        }
        byte[] utf8 = new byte[(int) length];
        source.get(position, utf8);
        position += utf8.length;
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /// All bytes that were not read.
    byte[] copyRest() {
        int start = position;
        position = end;
        return copyFrom(start);
    }

    /// The bytes from a position read before up to here.
    byte[] copyFrom(int start) {
        byte[] copy = new byte[position - start];
        source.get(start, copy);
        return copy;
    }
}
