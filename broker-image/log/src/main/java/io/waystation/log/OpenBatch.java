package io.waystation.log;

import java.nio.ByteBuffer;

/// The records that were added and not yet appended, encoded in the [Tail], from which they are written with one call.
/// Confined to its log's loop.
final class OpenBatch {
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);
    /// Room for the lengths and deltas of one record.
    private static final int MAX_RECORD_OVERHEAD = 40;
    /// Of the count in a record without headers.
    private static final int NO_HEADERS_LENGTH = Varint.size(0);

    private final Tail tail;
    private int count;
    private long firstTimeMs;
    private long largestTimeMs;

    OpenBatch(Tail tail) {
        this.tail = tail;
    }

    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int sizeBytes() {
        return tail.openBytes();
    }

    long firstTimeMs() {
        return firstTimeMs;
    }

    long largestTimeMs() {
        return largestTimeMs;
    }

    /// A record without a key.
    void add(long timestampMs, ByteBuffer source, int position, int length) {
        add(timestampMs, NO_BYTES, 0, RecordBatch.NONE, source, position, length);
    }

    /// A key length of -1 stands for no key.
    void add(
            long timestampMs,
            ByteBuffer key,
            int keyPosition,
            int keyLength,
            ByteBuffer value,
            int valuePosition,
            int valueLength) {
        begin(timestampMs);
        tail.reserve(MAX_RECORD_OVERHEAD + Math.max(keyLength, 0) + valueLength);
        int length = RecordBatch.recordLength(timestampMs - firstTimeMs, count, keyLength, valueLength);
        int at = put(length, timestampMs, key, keyPosition, keyLength, value, valuePosition, valueLength);
        end(Varint.put(tail.buffer(), at, 0), timestampMs);
    }

    /// Like the one above, with headers: a path of its own, so that the one without them, which nearly all messages go,
    /// pays nothing for them.
    void add(
            long timestampMs,
            ByteBuffer key,
            int keyPosition,
            int keyLength,
            ByteBuffer value,
            int valuePosition,
            int valueLength,
            RecordHeaders headers) {
        if (headers.isEmpty()) {
            add(timestampMs, key, keyPosition, keyLength, value, valuePosition, valueLength);
            return;
        }
        begin(timestampMs);
        var encoded = headers.encoded();
        tail.reserve(MAX_RECORD_OVERHEAD + Math.max(keyLength, 0) + valueLength + encoded.length);
        int length = RecordBatch.recordLength(timestampMs - firstTimeMs, count, keyLength, valueLength)
                - NO_HEADERS_LENGTH
                + encoded.length;
        int at = put(length, timestampMs, key, keyPosition, keyLength, value, valuePosition, valueLength);
        tail.buffer().put(at, encoded);
        end(at + encoded.length, timestampMs);
    }

    private void begin(long timestampMs) {
        if (count == 0) {
            firstTimeMs = timestampMs;
            largestTimeMs = timestampMs;
            tail.reserve(RecordBatch.HEADER_LENGTH);
            tail.openLimit(tail.openPosition() + RecordBatch.HEADER_LENGTH);
        }
    }

    /// Everything of a record before its headers; where they begin.
    private int put(
            int recordLength,
            long timestampMs,
            ByteBuffer key,
            int keyPosition,
            int keyLength,
            ByteBuffer value,
            int valuePosition,
            int valueLength) {
        var target = tail.buffer();
        int at = Varint.put(target, tail.openLimit(), recordLength);
        target.put(at++, (byte) 0);
        at = Varint.put(target, at, timestampMs - firstTimeMs);
        at = Varint.put(target, at, count);
        at = Varint.put(target, at, keyLength);
        if (keyLength > 0) {
            target.put(at, key, keyPosition, keyLength);
            at += keyLength;
        }
        at = Varint.put(target, at, valueLength);
        target.put(at, value, valuePosition, valueLength);
        return at + valueLength;
    }

    private void end(int limit, long timestampMs) {
        tail.openLimit(limit);
        count++;
        if (timestampMs > largestTimeMs) {
            largestTimeMs = timestampMs;
        }
    }

    /// Writes the header, so that the bytes between the tail's open position and its limit are a whole batch.
    void seal(long baseOffset, int epoch, long producerId, short producerEpoch, int baseSequence) {
        var buffer = tail.buffer();
        int at = tail.openPosition();
        int length = tail.openBytes();
        buffer.putLong(at + RecordBatch.BASE_OFFSET_AT, baseOffset);
        buffer.putInt(at + RecordBatch.LENGTH_AT, length - RecordBatch.LENGTH_OVERHEAD);
        buffer.putInt(at + RecordBatch.EPOCH_AT, epoch);
        buffer.put(at + RecordBatch.MAGIC_AT, RecordBatch.MAGIC);
        buffer.putShort(at + RecordBatch.ATTRIBUTES_AT, (short) 0);
        buffer.putInt(at + RecordBatch.LAST_OFFSET_DELTA_AT, count - 1);
        buffer.putLong(at + RecordBatch.BASE_TIMESTAMP_AT, firstTimeMs);
        buffer.putLong(at + RecordBatch.MAX_TIMESTAMP_AT, largestTimeMs);
        buffer.putLong(at + RecordBatch.PRODUCER_ID_AT, producerId);
        buffer.putShort(at + RecordBatch.PRODUCER_EPOCH_AT, producerEpoch);
        buffer.putInt(at + RecordBatch.BASE_SEQUENCE_AT, baseSequence);
        buffer.putInt(at + RecordBatch.COUNT_AT, count);
        buffer.putInt(at + RecordBatch.CRC_AT, RecordBatch.crc(tail.view(), at, length));
    }

    /// The sealed batch is part of the segment now; the next one begins.
    void commit() {
        count = 0;
        tail.commit();
    }

    void discard() {
        count = 0;
        tail.discard();
    }
}
