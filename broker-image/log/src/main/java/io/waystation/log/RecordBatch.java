package io.waystation.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// The layout of Kafka's record batch, version 2; all integers big-endian:
///
/// ```
///  0            8        12       16 17      21   23         27              35              43
/// +------------+--------+--------+--+-------+----+----------+---------------+---------------+
/// | base offset| length | epoch  |2 | crc   |attr| last off.| base timestamp| max timestamp |
/// |            |        |        |  |       |    | delta    |               |               |
/// +------------+--------+--------+--+-------+----+----------+---------------+---------------+
///  43            51   53       57     61
/// +-------------+----+--------+------+---------
/// | producer id |ep. | base   |count | records
/// |             |    | seq.   |      |
/// +-------------+----+--------+------+---------
/// ```
///
/// `length` counts what follows it; the CRC-32C covers everything from the attributes on, so base offset and epoch can
/// be set in place. A record:
///
/// ```
/// length varint | attributes 1 | timestamp delta varlong | offset delta varint
///   | key length varint, key | value length varint, value | header count varint, headers
/// ```
///
/// Source: kafka.apache.org, "Message Format"; a length of -1 stands for null.
final class RecordBatch {
    static final int BASE_OFFSET_AT = 0;
    static final int LENGTH_AT = 8;
    static final int EPOCH_AT = 12;
    static final int MAGIC_AT = 16;
    static final int CRC_AT = 17;
    static final int ATTRIBUTES_AT = 21;
    static final int LAST_OFFSET_DELTA_AT = 23;
    static final int BASE_TIMESTAMP_AT = 27;
    static final int MAX_TIMESTAMP_AT = 35;
    static final int PRODUCER_ID_AT = 43;
    static final int PRODUCER_EPOCH_AT = 51;
    static final int BASE_SEQUENCE_AT = 53;
    static final int COUNT_AT = 57;
    static final int HEADER_LENGTH = 61;

    /// Bytes before those that `length` counts.
    static final int LENGTH_OVERHEAD = 12;

    static final int MIN_LENGTH = HEADER_LENGTH - LENGTH_OVERHEAD;
    static final byte MAGIC = 2;
    static final int COMPRESSION_MASK = 0x07;

    /// No producer's id, epoch or sequence.
    static final int NONE = -1;

    private static final int ATTRIBUTES_LENGTH = 1;

    private RecordBatch() {}

    /// All bytes of the batch whose header stands at the position.
    static long totalLength(ByteBuffer buffer, int position) {
        return (long) LENGTH_OVERHEAD + buffer.getInt(position + LENGTH_AT);
    }

    static long baseOffset(ByteBuffer buffer, int position) {
        return buffer.getLong(position + BASE_OFFSET_AT);
    }

    static long lastOffset(ByteBuffer buffer, int position) {
        return baseOffset(buffer, position) + buffer.getInt(position + LAST_OFFSET_DELTA_AT);
    }

    static int epoch(ByteBuffer buffer, int position) {
        return buffer.getInt(position + EPOCH_AT);
    }

    /// Whether the records stand there one by one and not compressed as a block.
    static boolean isPlain(ByteBuffer buffer, int position) {
        return (buffer.getShort(position + ATTRIBUTES_AT) & COMPRESSION_MASK) == 0;
    }

    /// Whether the header can be one: a version that we know and a length that can be.
    static boolean isHeaderSane(ByteBuffer buffer, int position) {
        return buffer.get(position + MAGIC_AT) == MAGIC
                && buffer.getInt(position + LENGTH_AT) >= MIN_LENGTH
                && buffer.getInt(position + LAST_OFFSET_DELTA_AT) >= 0
                && baseOffset(buffer, position) >= 0;
    }

    /// The checksum over a whole batch in `view`, whose position and limit it moves.
    static int crc(ByteBuffer view, int position, int totalLength) {
        view.limit(position + totalLength).position(position + ATTRIBUTES_AT);
        var crc = new CRC32C();
        crc.update(view);
        return (int) crc.getValue();
    }

    static boolean isIntact(ByteBuffer view, int position, int totalLength) {
        int expected = view.getInt(position + CRC_AT);
        int found = crc(view, position, totalLength);
        view.clear();
        return found == expected;
    }

    /// Bytes of a record behind its length.
    static int recordLength(long timestampDelta, int offsetDelta, int keyLength, int valueLength) {
        return ATTRIBUTES_LENGTH
                + Varint.size(timestampDelta)
                + Varint.size(offsetDelta)
                + Varint.size(keyLength)
                + Math.max(keyLength, 0)
                + Varint.size(valueLength)
                + valueLength
                + Varint.size(0);
    }
}
