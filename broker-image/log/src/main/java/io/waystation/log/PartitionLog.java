package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
///   | sealed | sealed | rolled, being sealed |  active  | open batch (pendingCount)
/// ```
///
/// A failed write is final ([LogFailedException]) because nobody knows what the file holds then; a full disk is not,
/// because the log cuts off what was written of the batch ([DiskFullException]).
public final class PartitionLog implements AutoCloseable {
    private final FileStore files;
    private final Path directory;
    private final LogSettings settings;
    private final TreeMap<Long, Segment> segments;
    private final RecoveryReport recovery;
    private final Tail tail;
    private final OpenBatch batch;
    private final Durability durability;
    private final int epoch;

    private @Nullable Segment active;
    private long startOffset;
    private long endOffset;
    private long sizeBytes;
    private long segmentBytes;
    private long segmentMs;
    private @Nullable LogFailedException failure;
    private boolean closed;

    PartitionLog(FileStore files, Path directory, LogSettings settings, LogRecovery.Result recovered) {
        this.files = files;
        this.directory = directory;
        this.settings = settings;
        this.segments = recovered.segments();
        this.recovery = recovered.report();
        this.epoch = 0;
        this.tail = new Tail(settings.buffers(), settings.tailBytes());
        this.batch = new OpenBatch(tail);
        this.segmentBytes = settings.segmentBytes();
        this.segmentMs = settings.segmentMs();
        var last = segments.lastEntry();
        if (last != null) {
            startOffset = segments.firstKey();
            endOffset = last.getValue().endOffset;
            active = last.getValue().sealed ? null : last.getValue();
            tail.release(active == null ? 0 : active.sizeBytes);
        } else if (recovered.meta() != null) {
            // Every segment was sealed and deleted: offsets go on where they were.
            startOffset = recovered.meta().recoveryPoint();
            endOffset = startOffset;
        }
        for (var segment : segments.values()) {
            sizeBytes += segment.sizeBytes;
        }
        long flushedEnd = Math.min(endOffset, recovered.durableEnd());
        this.durability = new Durability(files, directory, segments, recovered.meta(), flushedEnd);
    }

    /// Opens the log in the directory and recovers it; an absent directory is an empty log and is made with the first
    /// append. Throws [CorruptBatchException] when something is missing that was once made durable.
    public static PartitionLog open(FileStore files, Path directory, LogSettings settings) throws IOException {
        var log = new PartitionLog(files, directory, settings, new LogRecovery(files, directory).run());
        log.durability.sealRecovered(log.active);
        log.durability.flushRecovered(log);
        return log;
    }

    /// What no other log bears; of one that holds a record, or held one.
    public UUID id() {
        return durability.id();
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
        return durability.recoveryPoint();
    }

    /// Every offset below it was made durable by a [FlushTask], a seal or [#sync()].
    public long flushedEnd() {
        return durability.flushedEnd();
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
        batch.add(timestampMs, source, position, length);
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
        batch.add(timestampMs, key, keyPosition, keyLength, value, valuePosition, valueLength);
    }

    /// Like the one above, with headers.
    public void add(
            long timestampMs,
            ByteBuffer key,
            int keyPosition,
            int keyLength,
            ByteBuffer value,
            int valuePosition,
            int valueLength,
            RecordHeaders headers) {
        batch.add(timestampMs, key, keyPosition, keyLength, value, valuePosition, valueLength, headers);
    }

    /// Records in the open batch.
    public int pendingCount() {
        return batch.count();
    }

    public int pendingBytes() {
        return batch.sizeBytes();
    }

    /// Forgets the open batch.
    public void discardPending() {
        batch.discard();
    }

    /// Seals the open batch and writes it; the new end offset. Without an open batch nothing happens.
    public long append() throws DiskFullException, LogFailedException {
        return append(RecordBatch.NONE, (short) RecordBatch.NONE, RecordBatch.NONE);
    }

    /// Like [#append()], for a producer whose batches are told apart by sequence numbers.
    public long append(long producerId, short producerEpoch, int baseSequence)
            throws DiskFullException, LogFailedException {
        if (batch.isEmpty()) {
            return endOffset;
        }
        var failed = failure;
        if (failed != null) {
            discardPending();
            throw new LogFailedException(String.valueOf(failed.getMessage()), failed);
        }
        try {
            var segment = segmentFor(batch.sizeBytes());
            batch.seal(endOffset, epoch, producerId, producerEpoch, baseSequence);
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
        int length = batch.sizeBytes();
        segment.appended(length, endOffset + batch.count() - 1, batch.firstTimeMs(), batch.largestTimeMs());
        endOffset = segment.endOffset;
        sizeBytes += length;
        batch.commit();
    }

    /// What was written may be lost, and nobody can tell how much: nothing is appended any more.
    LogFailedException fail(IOException cause) {
        var failed = cause instanceof LogFailedException known
                ? known
                : new LogFailedException(directory + ": " + cause.getMessage(), cause);
        if (failure == null) {
            settings.failures().accept(failed);
        }
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
                || batch.firstTimeMs() - current.firstTimeMs > segmentMs
                || endOffset + batch.count() - current.baseOffset > Integer.MAX_VALUE;
    }

    private void roll(Segment full) throws IOException {
        durability.seal(full);
        active = null;
    }

    private Segment newSegment() throws IOException {
        if (!durability.isMade()) {
            files.createDirectories(directory);
            Epochs.write(files, directory, epoch, endOffset);
            var fresh = new LogMeta(settings.ids().get(), endOffset);
            fresh.write(files, directory);
            durability.made(fresh);
        }
        var segment = new Segment(files, directory, endOffset);
        segment.file();
        if (segments.isEmpty()) {
            startOffset = endOffset;
        }
        segments.put(segment.baseOffset, segment);
        durability.segmentMade();
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
    /// its youngest from before the second, so that what is idle can be sealed and deleted.
    public void rollOlder(long firstBeforeMs, long largestBeforeMs) throws IOException {
        var current = active;
        if (current == null || current.sizeBytes == 0 || !batch.isEmpty()) {
            return;
        }
        if (current.firstTimeMs >= firstBeforeMs && current.largestTimeMs >= largestBeforeMs) {
            return;
        }
        tail.release(0);
        roll(current);
    }

    // ---- durability

    /// What makes all that was appended survive a power loss; null when it does, or when the log is closed, since it
    /// may be deleted then. To be run where waiting for the disk hurts nobody, one after the other.
    public @Nullable FlushTask takeFlush() {
        return closed ? null : durability.takeFlush(this);
    }

    void onFlushed(FlushTask task) {
        durability.flushed(task);
    }

    /// Rolled segments that are to be made durable; each is run somewhere where waiting for the disk hurts nobody,
    /// in this order, and handed to [#onSealed] then.
    public List<SealTask> takeSeals() {
        return durability.takeSeals();
    }

    public boolean hasSeals() {
        return durability.hasSeals();
    }

    public void onSealed(SealTask task) {
        durability.sealed(task);
    }

    /// Makes everything that was appended survive a power loss. Waits for the disk.
    public void sync() throws IOException {
        if (!durability.isMade()) {
            return;
        }
        syncSegments();
        try {
            durability.synced(endOffset);
        } catch (IOException cause) {
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
            durability.syncSegments();
        } catch (IOException cause) {
            throw fail(cause);
        }
    }

    /// Deletes the sealed segments that hold only offsets below the given one; how many.
    public int deleteSegmentsBelow(long offset) throws IOException {
        int deleted = 0;
        while (!segments.isEmpty()) {
            var first = segments.firstEntry().getValue();
            if (!first.sealed || first.endOffset > offset) {
                break;
            }
            deleteFirst();
            deleted++;
        }
        return deleted;
    }

    /// Goes on in an empty segment and deletes all others, sealed or not; everybody is through with their
    /// records. For a full disk, which has no room for what sealing writes: an empty file needs none, and its
    /// name says where the log goes on. False when there is nothing to delete, or no room for a name either.
    public boolean startAnew() throws IOException {
        if (sizeBytes == 0 || !batch.isEmpty()) {
            return false;
        }
        var current = active;
        boolean isEmpty = current != null && current.sizeBytes == 0;
        if (!isEmpty && !beginsSegment()) {
            return false;
        }
        files.syncDirectory(directory);
        while (segments.size() > 1) {
            deleteFirst();
        }
        return true;
    }

    private boolean beginsSegment() throws IOException {
        try {
            newSegment();
            return true;
        } catch (IOException cause) {
            if (DiskFullException.isCauseOf(cause)) {
                return false;
            }
            throw cause;
        }
    }

    private void deleteFirst() throws IOException {
        var first = segments.firstEntry().getValue();
        first.delete();
        segments.remove(first.baseOffset);
        sizeBytes -= first.sizeBytes;
        startOffset = segments.isEmpty() ? endOffset : segments.firstKey();
    }

    /// The end of the sealed segments, none beyond the limit, that hold only records older than the time, or that
    /// make the log larger than the size; the start offset when there are none.
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
        if (!batch.isEmpty()) {
            return;
        }
        var current = active;
        tail.release(current == null ? 0 : current.sizeBytes);
        for (var segment : segments.values()) {
            segment.closeFile();
        }
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        durability.close();
        discardPending();
        releaseTail();
    }
}
