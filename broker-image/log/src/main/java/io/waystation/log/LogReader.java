package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A position in a log from which records are read in order. Confined to the log's loop.
///
/// Recent batches are read where they were built, in the log's [Tail]; older ones from the file, a chunk of whole
/// batches at a time, each checked once. Reading allocates nothing a record.
public final class LogReader implements AutoCloseable {
    private static final long NONE = -1;

    private final PartitionLog log;
    private final LogSettings settings;

    private @Nullable Segment segment;
    /// File positions: the batch under way, NONE before there is one, its end, and the record to be read next.
    private long batchPosition = NONE;
    private long batchEnd;
    private long recordPosition;
    private long batchBaseOffset;
    /// The offset with which the next batch begins; -1 while only the index knows.
    private long expectedOffset = -1;
    private long batchBaseTimeMs;
    /// The record at `recordPosition` has at least this offset.
    private long recordOffset;
    /// Of the batch under way; [#seek] within it begins at the nearest step, not at the batch's first record.
    private final BatchSteps steps = new BatchSteps();
    /// Records below it are passed over.
    private long wantedOffset;

    private @Nullable ByteBuffer chunk;
    private @Nullable ByteBuffer chunkView;
    private @Nullable Segment chunkSegment;
    private long chunkPosition;
    private int chunkLength;

    private ByteBuffer buffer;
    private long offset;
    private long timestampMs;
    private int keyPosition;
    private int keyLength;
    private int valuePosition;
    private int valueLength;

    LogReader(PartitionLog log, LogSettings settings) {
        this.log = log;
        this.settings = settings;
        this.buffer = log.tail().buffer();
        this.wantedOffset = log.startOffset();
    }

    /// The next record will be the first one with at least this offset.
    public void seek(long target) throws IOException {
        wantedOffset = Math.max(target, log.startOffset());
        if (isInBatch(wantedOffset)) {
            seekInBatch();
            return;
        }
        expectedOffset = -1;
        leaveSegment();
    }

    private boolean isInBatch(long target) {
        var current = segment;
        return current != null
                && !current.deleted
                && batchPosition != NONE
                && target >= batchBaseOffset
                && target < expectedOffset;
    }

    private void seekInBatch() {
        int step = steps.floor((int) (wantedOffset - batchBaseOffset));
        long stepPosition = batchPosition + (step < 0 ? RecordBatch.HEADER_LENGTH : steps.position(step));
        if (recordOffset > wantedOffset || recordPosition < stepPosition) {
            recordPosition = stepPosition;
            recordOffset = batchBaseOffset + (step < 0 ? 0 : steps.delta(step));
        }
    }

    private void leaveSegment() {
        segment = null;
        batchPosition = NONE;
        batchEnd = 0;
        recordPosition = 0;
    }

    /// Goes to the next record; false at the end of the log, for now. Passes over what was deleted meanwhile.
    public boolean next() throws IOException {
        var current = segment;
        if (current != null && current.deleted) {
            seek(wantedOffset);
        }
        do {
            while (recordPosition >= batchEnd) {
                if (!nextBatch()) {
                    return false;
                }
            }
            readRecord();
        } while (offset < wantedOffset);
        wantedOffset = offset + 1;
        return true;
    }

    private boolean nextBatch() throws IOException {
        var current = segment;
        if (current == null) {
            current = log.segmentAt(wantedOffset);
            if (current == null) {
                return false;
            }
            segment = current;
            batchEnd = current.index().position(wantedOffset);
            expectedOffset = batchEnd == 0 ? current.baseOffset : -1;
        } else if (batchEnd >= current.sizeBytes) {
            if (log.isActive(current) || log.segmentAt(current.endOffset) == null) {
                return false;
            }
            wantedOffset = Math.max(wantedOffset, current.endOffset);
            leaveSegment();
            return nextBatch();
        }
        if (batchEnd >= current.sizeBytes) {
            recordPosition = batchEnd;
            return false;
        }
        openBatch(current, batchEnd);
        return true;
    }

    private void openBatch(Segment current, long position) throws IOException {
        var tail = log.tail();
        ByteBuffer source;
        int at;
        if (isInTail(current, position)) {
            source = tail.buffer();
            at = (int) (position - tail.startPosition());
        } else {
            load(current, position);
            source = chunk();
            at = (int) (position - chunkPosition);
            checkOffset(current, position, at);
        }
        batchPosition = position;
        batchEnd = position + RecordBatch.totalLength(source, at);
        batchBaseOffset = RecordBatch.baseOffset(source, at);
        batchBaseTimeMs = source.getLong(at + RecordBatch.BASE_TIMESTAMP_AT);
        recordPosition = position + RecordBatch.HEADER_LENGTH;
        recordOffset = batchBaseOffset;
        steps.clear();
        expectedOffset = RecordBatch.lastOffset(source, at) + 1;
        if (expectedOffset <= wantedOffset) {
            recordPosition = batchEnd;
            recordOffset = expectedOffset;
        }
    }

    private boolean isInTail(Segment current, long position) {
        return log.isActive(current) && position >= log.tail().startPosition();
    }

    /// Makes sure that the chunk holds the whole batch at the position, checked.
    private void load(Segment current, long position) throws IOException {
        if (chunkSegment == current && position >= chunkPosition) {
            int at = (int) Math.min(position - chunkPosition, Integer.MAX_VALUE);
            if (at <= chunkLength - RecordBatch.HEADER_LENGTH
                    && RecordBatch.totalLength(chunk(), at) <= chunkLength - at) {
                check(current, position, at);
                return;
            }
        }
        fill(current, position, settings.readBytes());
        if (chunkLength < RecordBatch.HEADER_LENGTH || !RecordBatch.isHeaderSane(chunk(), 0)) {
            throw corrupt(current, position);
        }
        long length = RecordBatch.totalLength(chunk(), 0);
        if (length > current.sizeBytes - position) {
            throw corrupt(current, position);
        }
        if (length > chunkLength) {
            fill(current, position, (int) length);
        }
        check(current, position, 0);
    }

    private void check(Segment current, long position, int at) throws IOException {
        var view = Objects.requireNonNull(chunkView);
        if (!RecordBatch.isHeaderSane(chunk(), at)
                || RecordBatch.totalLength(chunk(), at) > chunkLength - at
                || !RecordBatch.isIntact(view, at, (int) RecordBatch.totalLength(chunk(), at))) {
            throw corrupt(current, position);
        }
        if (!RecordBatch.isPlain(chunk(), at)) {
            throw new IOException(current.path(Segment.LOG_SUFFIX) + ": the batch at byte " + position
                    + " is compressed (expected: records one by one, as this release writes them)");
        }
    }

    /// The base offset is not under the checksum, since it is set in place.
    private void checkOffset(Segment current, long position, int at) throws IOException {
        long expected = expectedOffset;
        if (expected < 0) {
            long lastDelta = chunk().getInt(at + RecordBatch.LAST_OFFSET_DELTA_AT);
            expected = current.index().lastOffset(position) - lastDelta;
        }
        if (RecordBatch.baseOffset(chunk(), at) != expected) {
            throw corrupt(current, position);
        }
    }

    private static CorruptBatchException corrupt(Segment current, long position) {
        return new CorruptBatchException(current.path(Segment.LOG_SUFFIX) + ": the batch at byte " + position
                + " is not what was written there");
    }

    private void fill(Segment current, long position, int bytes) throws IOException {
        var target = chunk;
        if (target == null || target.capacity() < bytes) {
            release();
            target = settings.buffers().acquire(bytes);
            chunk = target;
            chunkView = target.duplicate();
        }
        long available = current.sizeBytes - position;
        target.clear().limit((int) Math.min(target.capacity(), available));
        chunkLength = current.file().read(target, position);
        target.clear();
        chunkSegment = current;
        chunkPosition = position;
    }

    private ByteBuffer chunk() {
        var loaded = chunk;
        if (loaded == null) {
            throw new IllegalStateException("no chunk");
        }
        return loaded;
    }

    private void readRecord() throws IOException {
        var current = Objects.requireNonNull(segment);
        int start;
        if (isInTail(current, batchPosition)) {
            buffer = log.tail().buffer();
            start = (int) (recordPosition - log.tail().startPosition());
        } else {
            if (chunkSegment != current || batchPosition < chunkPosition || batchEnd > chunkPosition + chunkLength) {
                // The batch left the tail, or the chunk was given back, in the middle of it.
                load(current, batchPosition);
            }
            buffer = chunk();
            start = (int) (recordPosition - chunkPosition);
        }
        parse(start);
    }

    private void parse(int start) {
        var source = buffer;
        long length = Varint.get(source, start);
        int at = start + Varint.size(length);
        long position = recordPosition;
        recordPosition += at - start + length;
        at++;
        long timeDelta = Varint.get(source, at);
        at += Varint.size(timeDelta);
        long offsetDelta = Varint.get(source, at);
        at += Varint.size(offsetDelta);
        keyLength = (int) Varint.get(source, at);
        at += Varint.size(keyLength);
        keyPosition = at;
        at += Math.max(keyLength, 0);
        long declared = Varint.get(source, at);
        valuePosition = at + Varint.size(declared);
        valueLength = (int) Math.max(declared, 0);
        offset = batchBaseOffset + offsetDelta;
        recordOffset = offset + 1;
        timestampMs = batchBaseTimeMs + timeDelta;
        steps.passed((int) offsetDelta, (int) (position - batchPosition));
    }

    public long offset() {
        return offset;
    }

    public long timestampMs() {
        return timestampMs;
    }

    /// Holds the record's key and value until the next call of any method here or on the log.
    public ByteBuffer buffer() {
        return buffer;
    }

    /// Where the value is.
    public int position() {
        return valuePosition;
    }

    /// The value's bytes; 0 also for null.
    public int length() {
        return valueLength;
    }

    public int keyPosition() {
        return keyPosition;
    }

    /// The key's bytes; -1 when the record has none.
    public int keyLength() {
        return keyLength;
    }

    /// The record's headers; made anew at each call.
    public RecordHeaders headers() {
        return RecordHeaders.decode(buffer, valuePosition + valueLength);
    }

    /// The producer, its epoch and the first sequence of the record's batch, as [PartitionLog#append(long, short, int)]
    /// took them.
    public long producerId() {
        return buffer.getLong(batchAt() + RecordBatch.PRODUCER_ID_AT);
    }

    public short producerEpoch() {
        return buffer.getShort(batchAt() + RecordBatch.PRODUCER_EPOCH_AT);
    }

    public int baseSequence() {
        return buffer.getInt(batchAt() + RecordBatch.BASE_SEQUENCE_AT);
    }

    /// The record's place in its batch.
    public int sequenceDelta() {
        return (int) (offset - batchBaseOffset);
    }

    private int batchAt() {
        var current = Objects.requireNonNull(segment);
        long start = isInTail(current, batchPosition) ? log.tail().startPosition() : chunkPosition;
        return (int) (batchPosition - start);
    }

    /// Gives the buffer back; the position stays.
    public void release() {
        var loaded = chunk;
        if (loaded != null) {
            settings.buffers().release(loaded);
            chunk = null;
            chunkView = null;
            chunkSegment = null;
            chunkLength = 0;
        }
    }

    @Override
    public void close() {
        release();
    }
}
