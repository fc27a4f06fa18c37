package io.waystation.client;

import java.util.zip.CRC32C;

/// Snappy's framing of a stream: chunks, each behind its type and length.
///
/// ```
///   ff 06 00 00 73 4e 61 50 70 59     begins a stream; may come again
///   00 <length, 3> <crc, 4> <block>   compressed
///   01 <length, 3> <crc, 4> <bytes>   as they are
///   02..7f                            not known: an error
///   80..fe <length, 3> <bytes>        skipped
/// ```
///
/// Numbers are little-endian; the checksum is of the plain bytes.
/// Source: <https://github.com/google/snappy/blob/main/framing_format.txt>
final class SnappyFraming {
    static final int COMPRESSED = 0x00;
    static final int PLAIN = 0x01;
    static final int FIRST_SKIPPED = 0x80;
    static final int STREAM = 0xff;
    static final int HEADER_LENGTH = 4;
    static final int CHECKSUM_LENGTH = 4;
    private static final byte[] STREAM_BEGIN = {(byte) STREAM, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};

    private SnappyFraming() {}

    /// What begins a stream.
    static byte[] streamBegin() {
        return STREAM_BEGIN.clone();
    }

    /// The masked checksum of plain bytes.
    static int checksum(byte[] bytes, int offset, int length) {
        var crc = new CRC32C();
        crc.update(bytes, offset, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    }

    static int littleEndian(byte[] bytes, int at, int count) {
        int value = 0;
        for (int i = 0; i < count; i++) {
            value |= (bytes[at + i] & 0xff) << (8 * i);
        }
        return value;
    }

    static void putLittleEndian(byte[] bytes, int at, int count, int value) {
        for (int i = 0; i < count; i++) {
            bytes[at + i] = (byte) (value >>> (8 * i));
        }
    }
}
