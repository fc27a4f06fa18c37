package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Records in order, each with an offset that never changes, in a directory of segments. Confined to one loop.
///
/// Writing: [#add] copies records into the open batch without I/O, [#append] seals it and writes it with one call. What
/// was appended is with the operating system, so it survives the end of the process; [#sync] and the seal of rolled
/// segments make it survive a power loss.
///
/// ```
///   startOffset                 recoveryPoint            endOffset
///   | sealed | sealed | rolled, being sealed |  active  | open batch (pendingCount records)
/// ```
///
/// A failed write is final ([LogFailedException]) because nobody knows what the file holds then; a full disk is not,
/// because the log cuts off what was written of the batch ([DiskFullException]).
public final class PartitionLog implements AutoCloseable {
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);
    /// Room for the lengths and deltas of one record.
    private static final int MAX_RECORD_OVERHEAD = 40;
    /// Of the count in a record without headers.
    private static final int NO_HEADERS_LENGTH = Varint.size(0);

    private final FileStore files;
    private final Path directory;
    private final LogSettings settings;
    private final TreeMap<Long, Segment> segments;
    private final RecoveryReport recovery;
    private final Tail tail;
    private final List<SealTask> seals = new ArrayList<>();
    private final int epoch;

    private @Nullable LogMeta meta;
    private @Nullable Segment active;
    private long startOffset;
    private long endOffset;
    private long flushedEnd;
    private long sizeBytes;
    private long segmentBytes;
    private long segmentMs;
    /// Segments found or made since the log was opened, and of how many of them flushes have made the
    /// names durable.
    private int segmentsMade;

    private int segmentsNamed;

    private int pendingCount;
    private long pendingFirstTimeMs;
    private long pendingLargestTimeMs;

    private @Nullable LogFailedException failure;
    private boolean closed;

    PartitionLog(FileStore files, Path directory, LogSettings settings, LogRecovery.Result recovered) {
        this.files = files;
        this.directory = directory;
        this.settings = settings;
        this.segments = recovered.segments();
        this.meta = recovered.meta();
        this.recovery = recovered.report();
        this.epoch = 0;
        this.tail = new Tail(settings.buffers(), settings.tailBytes());
        this.segmentBytes = settings.segmentBytes();
        this.segmentMs = settings.segmentMs();
        var last = segments.lastEntry();
        if (last != null) {
            startOffset = segments.firstKey();
            endOffset = last.getValue().endOffset;
            active = last.getValue().sealed ? null : last.getValue();
            tail.release(active == null ? 0 : active.sizeBytes);
        } else if (meta != null) {
            // Every segment was sealed and deleted: offsets go on where they were.
            startOffset = meta.recoveryPoint();
            endOffset = startOffset;
        }
        for (var segment : segments.values()) {
            sizeBytes += segment.sizeBytes;
        }
        segmentsMade = segments.size();
        flushedEnd = Math.min(endOffset, recovered.durableEnd());
    }

    /// Opens the log in the directory and recovers it; an absent directory is an empty log and is made with the first
    /// append. Throws [CorruptBatchException] when something is missing that was once made durable.
    public static PartitionLog open(FileStore files, Path directory, LogSettings settings) throws IOException {
        var log = new PartitionLog(files, directory, settings, new LogRecovery(files, directory).run());
        log.sealRolled();
        log.passSealed();
        log.flushAgain();
        return log;
    }

    /// A power loss may have taken the recovery point of a segment that was sealed all the same. It is
    /// needed once the segment is deleted: a log without segments goes on from there.
    private void passSealed() throws IOException {
        var known = meta;
        if (known == null) {
            return;
        }
        long sealedEnd = known.recoveryPoint();
        for (var segment : segments.values()) {
            if (!segment.sealed) {
                break;
            }
            sealedEnd = Math.max(sealedEnd, segment.endOffset);
        }
        if (sealedEnd == known.recoveryPoint()) {
            return;
        }
        try {
            files.syncDirectory(directory);
            var passed = known.withRecoveryPoint(sealedEnd);
            passed.write(files, directory);
            meta = passed;
        } catch (IOException cause) {
            if (!DiskFullException.isCauseOf(cause)) {
                throw cause;
            }
            // Then the segments stay until the next seal.
        }
    }

    /// A log that was ever flushed is flushed whole before anybody goes on with it: a power loss may
    /// have taken a mark that was further, and then the next damage to what that vouched for would pass
    /// for a torn end.
    private void flushAgain() throws IOException {
        var task = FlushMark.exists(files, directory) ? takeFlush() : null;
        if (task != null) {
            try {
                task.run();
                task.completed();
            } catch (DiskFullException noRoom) {
                // Then the mark was never reserved, so no flush was ever answered.
            }
        }
    }

    /// Segments that were rolled and not sealed when the last process ended.
    private void sealRolled() throws IOException {
        for (var segment : segments.values()) {
            if (!segment.sealed && segment != active) {
                seals.add(new SealTask(files, directory, segment, Objects.requireNonNull(meta)));
            }
        }
    }

    /// What no other log bears; of one that holds a record, or held one.
    public UUID id() {
        return Objects.requireNonNull(meta).id();
    }

    /// The first offset that is still there.
    public long startOffset() {
        return startOffset;
    }

    /// The offset that the next appended record gets.
    public long endOffset() {
        return endOffset;
    }

    /// Every offset below it survives a power loss.
    public long recoveryPoint() {
        var known = meta;
        return known == null ? endOffset : known.recoveryPoint();
    }

    /// Every offset below it was made durable by a [FlushTask], a seal or [#sync()].
    public long flushedEnd() {
        return flushedEnd;
    }

    /// Bytes in segment files.
    public long sizeBytes() {
        return sizeBytes;
    }

    public RecoveryReport recovery() {
        return recovery;
    }

    // ---- writing

    /// Copies a record without a key into the open batch.
    public void add(long timestampMs, ByteBuffer source, int position, int length) {
        add(timestampMs, NO_BYTES, 0, RecordBatch.NONE, source, position, length);
    }

    /// Copies a record into the open batch; a key length of -1 stands for no key.
    public void add(
            long timestampMs,
            ByteBuffer key,
            int keyPosition,
            int keyLength,
            ByteBuffer value,
            int valuePosition,
            int valueLength) {
        if (pendingCount == 0) {
            pendingFirstTimeMs = timestampMs;
            pendingLargestTimeMs = timestampMs;
            tail.reserve(RecordBatch.HEADER_LENGTH);
            tail.openLimit(tail.openPosition() + RecordBatch.HEADER_LENGTH);
        }
        tail.reserve(MAX_RECORD_OVERHEAD + Math.max(keyLength, 0) + valueLength);
        long timeDelta = timestampMs - pendingFirstTimeMs;
        var target = tail.buffer();
        int at = tail.openLimit();
        at = Varint.put(target, at, RecordBatch.recordLength(timeDelta, pendingCount, keyLength, valueLength));
        target.put(at++, (byte) 0);
        at = Varint.put(target, at, timeDelta);
        at = Varint.put(target, at, pendingCount);
        at = Varint.put(target, at, keyLength);
        if (keyLength > 0) {
            target.put(at, key, keyPosition, keyLength);
            at += keyLength;
        }
        at = Varint.put(target, at, valueLength);
        target.put(at, value, valuePosition, valueLength);
        at += valueLength;
        at = Varint.put(target, at, 0);
        tail.openLimit(at);
        pendingCount++;
        if (timestampMs > pendingLargestTimeMs) {
            pendingLargestTimeMs = timestampMs;
        }
    }

    /// Like the one above, with headers: a path of its own, so that the one without them, which nearly all messages go,
    /// pays nothing for them.
    public void add(
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
        if (pendingCount == 0) {
            pendingFirstTimeMs = timestampMs;
            pendingLargestTimeMs = timestampMs;
            tail.reserve(RecordBatch.HEADER_LENGTH);
            tail.openLimit(tail.openPosition() + RecordBatch.HEADER_LENGTH);
        }
        var encoded = headers.encoded();
        tail.reserve(MAX_RECORD_OVERHEAD + Math.max(keyLength, 0) + valueLength + encoded.length);
        long timeDelta = timestampMs - pendingFirstTimeMs;
        int plainLength = RecordBatch.recordLength(timeDelta, pendingCount, keyLength, valueLength);
        var target = tail.buffer();
        int at = Varint.put(target, tail.openLimit(), plainLength - NO_HEADERS_LENGTH + encoded.length);
        target.put(at++, (byte) 0);
        at = Varint.put(target, at, timeDelta);
        at = Varint.put(target, at, pendingCount);
        at = Varint.put(target, at, keyLength);
        target.put(at, key, keyPosition, Math.max(keyLength, 0));
        at = Varint.put(target, at + Math.max(keyLength, 0), valueLength);
        target.put(at, value, valuePosition, valueLength);
        at += valueLength;
        target.put(at, encoded);
        tail.openLimit(at + encoded.length);
        pendingCount++;
        pendingLargestTimeMs = Math.max(pendingLargestTimeMs, timestampMs);
    }

    /// Records in the open batch.
    public int pendingCount() {
        return pendingCount;
    }

    public int pendingBytes() {
        return tail.openBytes();
    }

    /// Forgets the open batch.
    public void discardPending() {
        tail.discard();
        pendingCount = 0;
    }

    /// Seals the open batch and writes it; the new end offset. Without an open batch nothing happens.
    public long append() throws DiskFullException, LogFailedException {
        return append(RecordBatch.NONE, (short) RecordBatch.NONE, RecordBatch.NONE);
    }

    /// Like [#append()], for a producer whose batches are told apart by sequence numbers.
    public long append(long producerId, short producerEpoch, int baseSequence)
            throws DiskFullException, LogFailedException {
        if (pendingCount == 0) {
            return endOffset;
        }
        var failed = failure;
        if (failed != null) {
            discardPending();
            throw new LogFailedException(String.valueOf(failed.getMessage()), failed);
        }
        try {
            var segment = segmentFor(tail.openBytes());
            sealBatch(producerId, producerEpoch, baseSequence);
            write(segment);
            committed(segment);
        } catch (IOException cause) {
            discardPending();
            if (cause instanceof DiskFullException full) {
                throw full;
            }
            throw fail(cause);
        }
        return endOffset;
    }

    private void sealBatch(long producerId, short producerEpoch, int baseSequence) {
        var buffer = tail.buffer();
        int at = tail.openPosition();
        int length = tail.openBytes();
        buffer.putLong(at + RecordBatch.BASE_OFFSET_AT, endOffset);
        buffer.putInt(at + RecordBatch.LENGTH_AT, length - RecordBatch.LENGTH_OVERHEAD);
        buffer.putInt(at + RecordBatch.EPOCH_AT, epoch);
        buffer.put(at + RecordBatch.MAGIC_AT, RecordBatch.MAGIC);
        buffer.putShort(at + RecordBatch.ATTRIBUTES_AT, (short) 0);
        buffer.putInt(at + RecordBatch.LAST_OFFSET_DELTA_AT, pendingCount - 1);
        buffer.putLong(at + RecordBatch.BASE_TIMESTAMP_AT, pendingFirstTimeMs);
        buffer.putLong(at + RecordBatch.MAX_TIMESTAMP_AT, pendingLargestTimeMs);
        buffer.putLong(at + RecordBatch.PRODUCER_ID_AT, producerId);
        buffer.putShort(at + RecordBatch.PRODUCER_EPOCH_AT, producerEpoch);
        buffer.putInt(at + RecordBatch.BASE_SEQUENCE_AT, baseSequence);
        buffer.putInt(at + RecordBatch.COUNT_AT, pendingCount);
        buffer.putInt(at + RecordBatch.CRC_AT, RecordBatch.crc(tail.view(), at, length));
    }

    private void write(Segment segment) throws IOException {
        var view = tail.view();
        view.limit(tail.openLimit()).position(tail.openPosition());
        try {
            segment.file().write(view, segment.sizeBytes);
        } catch (IOException cause) {
            if (!DiskFullException.isCauseOf(cause)) {
                throw cause;
            }
            // Whatever part of the batch is there must not stay: the next one begins at the same position.
            segment.file().truncate(segment.sizeBytes);
            throw new DiskFullException("disk full: " + cause.getMessage(), cause);
        }
    }

    private void committed(Segment segment) throws IOException {
        int length = tail.openBytes();
        segment.appended(length, endOffset + pendingCount - 1, pendingFirstTimeMs, pendingLargestTimeMs);
        endOffset = segment.endOffset;
        sizeBytes += length;
        pendingCount = 0;
        tail.commit();
    }

    /// What was written may be lost, and nobody can tell how much: nothing is appended any more.
    LogFailedException fail(IOException cause) {
        var failed = cause instanceof LogFailedException known
                ? known
                : new LogFailedException(directory + ": " + cause.getMessage(), cause);
        failure = failed;
        return failed;
    }

    /// The segment that takes so many bytes more, rolling and making it as needed.
    private Segment segmentFor(int bytes) throws IOException {
        var current = active;
        if (current != null && isRollDue(current, bytes)) {
            roll(current);
            current = null;
        }
        if (current != null) {
            return current;
        }
        try {
            return newSegment();
        } catch (IOException cause) {
            if (DiskFullException.isCauseOf(cause)) {
                throw new DiskFullException("disk full: " + cause.getMessage(), cause);
            }
            throw cause;
        }
    }

    private boolean isRollDue(Segment current, int bytes) {
        if (current.sizeBytes == 0) {
            return false;
        }
        return current.sizeBytes + bytes > segmentBytes
                || pendingFirstTimeMs - current.firstTimeMs > segmentMs
                || endOffset + pendingCount - current.baseOffset > Integer.MAX_VALUE;
    }

    private void roll(Segment full) throws IOException {
        seals.add(new SealTask(files, directory, full, Objects.requireNonNull(meta)));
        active = null;
    }

    private Segment newSegment() throws IOException {
        if (meta == null) {
            files.createDirectories(directory);
            Epochs.write(files, directory, epoch, endOffset);
            var fresh = new LogMeta(settings.ids().get(), endOffset);
            fresh.write(files, directory);
            meta = fresh;
        }
        var segment = new Segment(files, directory, endOffset);
        segment.file();
        if (segments.isEmpty()) {
            startOffset = endOffset;
        }
        segments.put(segment.baseOffset, segment);
        segmentsMade++;
        active = segment;
        tail.startSegment();
        return segment;
    }

    /// Changes at which size and age segments are rolled.
    public void rollAt(long newSegmentBytes, long newSegmentMs) {
        segmentBytes = newSegmentBytes;
        segmentMs = newSegmentMs;
    }

    /// Rolls the active segment without waiting for an append when its oldest record is from before the first time or
    /// its youngest from before the second, so that what is idle can be sealed and deleted; whether it did.
    public boolean rollOlder(long firstBeforeMs, long largestBeforeMs) throws IOException {
        var current = active;
        if (current == null || current.sizeBytes == 0 || pendingCount > 0) {
            return false;
        }
        if (current.firstTimeMs >= firstBeforeMs && current.largestTimeMs >= largestBeforeMs) {
            return false;
        }
        tail.release(0);
        roll(current);
        return true;
    }

    // ---- durability

    /// What makes all that was appended survive a power loss; null when it does. To be run where waiting for the disk
    /// hurts nobody, one after the other.
    public @Nullable FlushTask takeFlush() {
        if (flushedEnd == endOffset) {
            return null;
        }
        var unsynced = new ArrayList<UnsyncedSegment>();
        for (var segment : segments.descendingMap().values()) {
            if (segment.sealed || segment.endOffset <= flushedEnd) {
                break;
            }
            unsynced.addFirst(segment.unsynced());
        }
        return new FlushTask(
                this,
                files,
                directory,
                Objects.requireNonNull(meta).id(),
                unsynced,
                segmentsNamed < segmentsMade,
                segmentsMade,
                endOffset);
    }

    void onFlushed(FlushTask task) {
        flushedEnd = Math.max(flushedEnd, task.endOffset());
        segmentsNamed = Math.max(segmentsNamed, task.segmentsMade());
        for (var segment : segments.descendingMap().values()) {
            if (segment.sealed) {
                break;
            }
            segment.synced();
        }
    }

    /// Rolled segments that are to be made durable; each is run somewhere where waiting for the disk hurts nobody, in
    /// this
    /// order, and handed to [#onSealed] then.
    public List<SealTask> takeSeals() {
        if (seals.isEmpty()) {
            return List.of();
        }
        var taken = List.copyOf(seals);
        seals.clear();
        return taken;
    }

    public boolean hasSeals() {
        return !seals.isEmpty();
    }

    public void onSealed(SealTask task) {
        task.segment().sealed = true;
        var known = meta;
        if (known != null) {
            meta = known.withRecoveryPoint(task.segment().endOffset);
        }
        flushedEnd = Math.max(flushedEnd, task.segment().endOffset);
    }

    /// Makes everything that was appended survive a power loss. Waits for the disk.
    public void sync() throws IOException {
        if (meta == null) {
            return;
        }
        syncSegments();
        try {
            files.syncDirectory(directory);
            while (!seals.isEmpty()) {
                seals.getFirst().run();
                onSealed(seals.removeFirst());
            }
            meta = Objects.requireNonNull(meta).withRecoveryPoint(endOffset);
            meta.write(files, directory);
            flushedEnd = endOffset;
        } catch (IOException cause) {
            // Only small files are written here, beside the segments, and again by the next call.
            throw DiskFullException.isCauseOf(cause)
                    ? new DiskFullException("disk full: " + cause.getMessage(), cause)
                    : fail(cause);
        }
    }

    /// A failure is final also for want of space: the system may have dropped the bytes, and another sync that succeeds
    /// would prove nothing.
    private void syncSegments() throws LogFailedException {
        var failed = failure;
        if (failed != null) {
            throw new LogFailedException(String.valueOf(failed.getMessage()), failed);
        }
        try {
            for (var segment : segments.values()) {
                // Not only the active one: seals that were taken may not have run yet, and come before the others.
                if (!segment.sealed) {
                    segment.unsynced().writeAnew(segment.file());
                    segment.file().sync();
                    segment.synced();
                }
            }
        } catch (IOException cause) {
            throw fail(cause);
        }
    }

    /// Deletes the sealed segments that hold only offsets below the given one and the recovery point, from which a log
    /// without segments goes on; how many.
    public int deleteSegmentsBelow(long offset) throws IOException {
        int deleted = 0;
        while (!segments.isEmpty()) {
            var first = segments.firstEntry().getValue();
            if (!first.sealed || first.endOffset > Math.min(offset, recoveryPoint())) {
                break;
            }
            first.delete();
            segments.remove(first.baseOffset);
            sizeBytes -= first.sizeBytes;
            startOffset = segments.isEmpty() ? endOffset : segments.firstKey();
            deleted++;
        }
        return deleted;
    }

    /// The end of the sealed segments, none beyond the limit, that hold only records older than the time, or that make
    /// the
    /// log larger than the size; the start offset when there are none.
    public long expiredEnd(long olderThanMs, long maxBytes, long limitOffset) {
        long leftBytes = sizeBytes;
        long end = startOffset;
        for (var segment : segments.values()) {
            leftBytes -= segment.sizeBytes;
            if (!segment.sealed
                    || segment.endOffset > limitOffset
                    || (segment.largestTimeMs >= olderThanMs && leftBytes < maxBytes)) {
                break;
            }
            end = segment.endOffset;
        }
        return end;
    }

    /// The time of the youngest record in the first segment; Long.MAX_VALUE when there is none.
    public long oldestSegmentMs() {
        return segments.isEmpty() ? Long.MAX_VALUE : segments.firstEntry().getValue().largestTimeMs;
    }

    /// The latest time of a record; Long.MIN_VALUE when there is none.
    public long largestTimeMs() {
        long largestMs = Segment.NO_TIME;
        for (var segment : segments.values()) {
            largestMs = Math.max(largestMs, segment.largestTimeMs);
        }
        return largestMs;
    }

    /// The time of the first record in the active segment; Long.MAX_VALUE when there is none.
    public long activeSinceMs() {
        var current = active;
        return current == null || current.sizeBytes == 0 ? Long.MAX_VALUE : current.firstTimeMs;
    }

    // ---- reading

    /// What the log holds now, for whoever must not hold up this loop.
    public LogSnapshot snapshot() {
        return new LogSnapshot(files, directory, settings, segments.values());
    }

    /// Segment files.
    public int segmentCount() {
        return segments.size();
    }

    /// A reader that begins at the start offset.
    public LogReader reader() {
        return new LogReader(this, settings);
    }

    /// The first offset whose record is as young as the time; the end offset when none is.
    public long offsetAtOrAfter(long timestampMs) throws IOException {
        for (var segment : segments.values()) {
            if (segment.largestTimeMs < timestampMs) {
                continue;
            }
            try (var reader = reader()) {
                reader.seek(segment.index().offsetBefore(timestampMs));
                while (reader.next()) {
                    if (reader.timestampMs() >= timestampMs) {
                        return reader.offset();
                    }
                }
            }
        }
        return endOffset;
    }

    Tail tail() {
        return tail;
    }

    boolean isActive(Segment segment) {
        return segment == active;
    }

    /// The segment that holds the offset, or the first one behind it; null at the end of the log.
    @Nullable Segment segmentAt(long offset) {
        Map.Entry<Long, Segment> entry = segments.floorEntry(offset);
        if (entry == null || entry.getValue().endOffset <= offset) {
            entry = segments.higherEntry(offset);
        }
        return entry == null ? null : entry.getValue();
    }

    /// Gives back what an idle log can do without: buffers and file handles.
    public void releaseTail() throws IOException {
        if (pendingCount > 0) {
            return;
        }
        var current = active;
        tail.release(current == null ? 0 : current.sizeBytes);
        for (var segment : segments.values()) {
            segment.closeFile();
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        discardPending();
        releaseTail();
    }
}
