package io.waystation.client;

import java.io.IOException;
import java.util.Arrays;

/// Snappy's format of one block: the length of the plain bytes as a varint, then elements, each a literal or a copy
/// of what stands some bytes before. Of at most [#MAX_BLOCK_BYTES], which is what a chunk of the framing holds.
/// Confined to one thread at a time.
///
/// ```
///   literal       LLLLLL00 [length - 1 in 1..4 bytes, if L is 60..63] <bytes>
///   copy 4..11    OOOLLL01 <low byte of the offset>
///   copy 1..64    LLLLLL10 <offset, 2 bytes>
///   copy 1..64    LLLLLL11 <offset, 4 bytes>
/// ```
///
/// Source: <https://github.com/google/snappy/blob/main/format_description.txt>
final class Snappy {
    static final int MAX_BLOCK_BYTES = 65536;
    /// What does not shrink grows so far at most.
    static final int MAX_COMPRESSED_BYTES = 32 + MAX_BLOCK_BYTES + MAX_BLOCK_BYTES / 6;

    private static final int HASH_BITS = 14;
    private static final int HASH_FACTOR = 0x1e35a7bd;
    private static final int MIN_MATCH = 4;
    private static final int MAX_COPY = 64;

    private static final int LITERAL = 0;
    private static final int SHORT_COPY = 1;
    private static final int COPY = 2;
    private static final int LITERAL_IN_1_BYTE = 60;
    private static final int LITERAL_IN_2_BYTES = 61;

    /// One more than where the latest four bytes of a hash stand; 0: nowhere.
    private final int[] table = new int[1 << HASH_BITS];

    private byte[] target = {};
    private int at;

    /// Compresses a block into `output`, which has room for [#MAX_COMPRESSED_BYTES] from `position` on; the position
    /// behind it.
    int compress(byte[] source, int offset, int length, byte[] output, int position) {
        Arrays.fill(table, 0);
        target = output;
        at = position;
        varint(length);
        int end = offset + length;
        int literal = offset;
        int next = offset;
        while (next <= end - MIN_MATCH) {
            int word = word(source, next);
            int hash = (word * HASH_FACTOR) >>> (Integer.SIZE - HASH_BITS);
            int match = table[hash] - 1;
            table[hash] = next + 1;
            if (match < 0 || word(source, match) != word) {
                next++;
                continue;
            }
            int matched = MIN_MATCH;
            while (next + matched < end && source[match + matched] == source[next + matched]) {
                matched++;
            }
            literal(source, literal, next - literal);
            copy(next - match, matched);
            next += matched;
            literal = next;
        }
        literal(source, literal, end - literal);
        return at;
    }

    private static int word(byte[] bytes, int at) {
        return (bytes[at] & 0xff)
                | (bytes[at + 1] & 0xff) << 8
                | (bytes[at + 2] & 0xff) << 16
                | (bytes[at + 3] & 0xff) << 24;
    }

    private void put(int value) {
        target[at++] = (byte) value;
    }

    private void varint(int value) {
        int rest = value;
        while (rest >= 0x80) {
            put(rest | 0x80);
            rest >>>= 7;
        }
        put(rest);
    }

    private void literal(byte[] source, int from, int length) {
        if (length == 0) {
            return;
        }
        int coded = length - 1;
        if (coded < LITERAL_IN_1_BYTE) {
            put(coded << 2 | LITERAL);
        } else if (coded < 0x100) {
            put(LITERAL_IN_1_BYTE << 2 | LITERAL);
            put(coded);
        } else {
            put(LITERAL_IN_2_BYTES << 2 | LITERAL);
            put(coded);
            put(coded >>> 8);
        }
        System.arraycopy(source, from, target, at, length);
        at += length;
    }

    private void copy(int offset, int length) {
        int left = length;
        while (left > 0) {
            int part = Math.min(left, MAX_COPY);
            if (part >= 4 && part < 12 && offset < 0x800) {
                put((offset >>> 8) << 5 | (part - 4) << 2 | SHORT_COPY);
                put(offset);
            } else {
                put((part - 1) << 2 | COPY);
                put(offset);
                put(offset >>> 8);
            }
            left -= part;
        }
    }

    /// The plain bytes of a block, from the beginning of `output`, which has room for [#MAX_BLOCK_BYTES]; how many they
    /// are. Whatever the block holds, nothing but an [IOException] comes of it.
    static int uncompress(byte[] block, int length, byte[] output) throws IOException {
        var input = new Input(block, length);
        int expected = input.varint();
        check(expected >= 0 && expected <= MAX_BLOCK_BYTES, "a Snappy block of " + expected + " bytes");
        int at = 0;
        while (input.at < length) {
            int tag = input.next();
            if ((tag & 3) == LITERAL) {
                int size = input.literalLength(tag >>> 2);
                check(
                        size > 0 && size <= length - input.at && size <= expected - at,
                        "a Snappy literal that is too long");
                System.arraycopy(block, input.at, output, at, size);
                input.at += size;
                at += size;
            } else {
                int size = (tag & 3) == SHORT_COPY ? (tag >>> 2 & 7) + 4 : (tag >>> 2) + 1;
                int offset = input.offset(tag);
                check(
                        offset > 0 && offset <= at && size <= expected - at,
                        "a Snappy copy from " + offset + " bytes before");
                // Byte by byte, since a copy may reach into itself.
                for (int end = at + size; at < end; at++) {
                    output[at] = output[at - offset];
                }
            }
        }
        check(at == expected, "a Snappy block of " + at + " bytes instead of " + expected);
        return at;
    }

    private static void check(boolean held, String found) throws IOException {
        if (!held) {
            throw new IOException(found + " (expected: what Snappy writes)");
        }
    }

    /// A block that is being read.
    private static final class Input {
        final byte[] block;
        final int length;
        int at;

        Input(byte[] block, int length) {
            this.block = block;
            this.length = length;
        }

        int next() throws IOException {
            check(at < length, "a Snappy block that is cut short");
            return block[at++] & 0xff;
        }

        int varint() throws IOException {
            int value = 0;
            for (int shift = 0; shift < Integer.SIZE; shift += 7) {
                int next = next();
                value |= (next & 0x7f) << shift;
                if (next < 0x80) {
                    return value;
                }
            }
            return -1;
        }

        int literalLength(int coded) throws IOException {
            return coded < LITERAL_IN_1_BYTE ? coded + 1 : littleEndian(coded - LITERAL_IN_1_BYTE + 1) + 1;
        }

        int offset(int tag) throws IOException {
            return switch (tag & 3) {
                case SHORT_COPY -> tag >>> 5 << 8 | next();
                case COPY -> littleEndian(2);
                default -> littleEndian(4);
            };
        }

        private int littleEndian(int bytes) throws IOException {
            int value = 0;
            for (int i = 0; i < bytes; i++) {
                value |= next() << (8 * i);
            }
            return value;
        }
    }
}
