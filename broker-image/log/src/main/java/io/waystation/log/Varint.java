package io.waystation.log;

import java.nio.ByteBuffer;

/// Kafka's variable-length integers: zig-zag, then 7 bits a byte, low ones first, the top bit says that more follow.
///
/// Reading gives the value; [#size] of the value tells how many bytes it took, since writers use the shortest form.
final class Varint {
    private static final int PAYLOAD_BITS = 7;
    private static final int PAYLOAD_MASK = 0x7f;
    private static final int MORE = 0x80;
    private static final int MAX_BITS = 64;

    private Varint() {}

    static int size(long value) {
        long zigZag = (value << 1) ^ (value >> (MAX_BITS - 1));
        // One byte for each started group of 7 bits, at least one.
        return (MAX_BITS - 1 - Long.numberOfLeadingZeros(zigZag | 1)) / PAYLOAD_BITS + 1;
    }

    /// Writes at an absolute position; the position behind it.
    static int put(ByteBuffer target, int position, long value) {
        long rest = (value << 1) ^ (value >> (MAX_BITS - 1));
        int at = position;
        while ((rest & ~PAYLOAD_MASK) != 0) {
            target.put(at++, (byte) (rest | MORE));
            rest >>>= PAYLOAD_BITS;
        }
        target.put(at++, (byte) rest);
        return at;
    }

    static long get(ByteBuffer source, int position) {
        int at = position;
        byte next = source.get(at++);
        if (next >= 0) {
            return (next >>> 1) ^ -(next & 1L);
        }
        long zigZag = next & PAYLOAD_MASK;
        int shift = PAYLOAD_BITS;
        do {
            next = source.get(at++);
            zigZag |= (long) (next & PAYLOAD_MASK) << shift;
            shift += PAYLOAD_BITS;
        } while (next < 0 && shift < MAX_BITS);
        return (zigZag >>> 1) ^ -(zigZag & 1);
    }
}
