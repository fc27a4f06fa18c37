package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Finds out what of a log is whole. Sealed segments below the recovery point are trusted by their footers; the
/// rest is read batch by batch and cut behind the longest valid prefix.
///
/// A batch counts when its header is sane, its checksum fits, its base offset is the one expected, its epoch is
/// neither below the one before nor above the latest, and it ends within the file. Below the durable end, which is
/// the furthest of what [Durability] names, everything was whole once: what is not is damage, and opening fails
/// rather than losing it in silence; the files stay as they are. Above it the bytes behind the first batch that
/// does not count are cut off and reported: they were never known to be durable, and whole batches behind a torn
/// one prove nothing, since a power loss keeps pages in any order and several batches may be on their way to the
/// disk at once.
final class LogRecovery {
    private final FileStore files;
    private final Path directory;
    private final TreeMap<Long, Segment> segments = new TreeMap<>();
    private int latestEpoch;
    private int lastEpoch;
    private long cutBytes;
    private long cutReadableBytes;

    LogRecovery(FileStore files, Path directory) {
        this.files = files;
        this.directory = directory;
    }

    record Result(TreeMap<Long, Segment> segments, @Nullable LogMeta meta, long durableEnd, RecoveryReport report) {}

    Result run() throws IOException {
        var names = files.list(directory);
        var meta = LogMeta.read(files, directory);
        latestEpoch = Epochs.latest(files, directory);
        long durableEnd = meta == null ? 0 : durableEnd(meta);
        var bases = baseOffsets(names);
        removeOrphans(names, bases);
        long expected = -1;
        boolean cut = false;
        for (long base : bases) {
            if (cut || (expected >= 0 && base != expected)) {
                removeBehind(base, expected, durableEnd);
                cut = true;
                continue;
            }
            var segment = new Segment(files, directory, base);
            var footer = footer(segment);
            if (footer != null) {
                durableEnd = Math.max(durableEnd, footer.endOffset());
            }
            if (footer != null && isSealed(segment, footer, meta)) {
                segment = Segment.sealed(files, directory, base, footer);
            } else {
                cut = scan(segment, durableEnd);
            }
            segments.put(base, segment);
            expected = segment.endOffset;
        }
        // A log without segments went on from the recovery point: sealed ones alone are ever deleted.
        long end = expected >= 0 || meta == null ? Math.max(expected, 0) : meta.recoveryPoint();
        if (end < durableEnd) {
            throw new CorruptBatchException(
                    directory + ": the log ends at offset " + end + ", but was durable up to " + durableEnd);
        }
        if (cut) {
            files.syncDirectory(directory);
        }
        closeIdle();
        var report = cutBytes == 0 ? RecoveryReport.CLEAN : new RecoveryReport(cutBytes, cutReadableBytes);
        return new Result(segments, meta, durableEnd, report);
    }

    private long durableEnd(LogMeta meta) throws IOException {
        return Math.max(meta.recoveryPoint(), FlushMark.read(files, directory, meta.id()));
    }

    private static List<Long> baseOffsets(List<String> names) {
        var bases = new ArrayList<Long>();
        for (var name : names) {
            if (name.endsWith(Segment.LOG_SUFFIX) && name.length() == 20 + Segment.LOG_SUFFIX.length()) {
                bases.add(Long.parseLong(name.substring(0, 20)));
            }
        }
        return bases;
    }

    /// Indexes whose segment a crash in the middle of a deletion took away.
    private void removeOrphans(List<String> names, List<Long> bases) throws IOException {
        for (var name : names) {
            boolean index = name.endsWith(Segment.INDEX_SUFFIX) || name.endsWith(Segment.TIME_INDEX_SUFFIX);
            if (index && !bases.contains(Long.parseLong(name.substring(0, 20)))) {
                files.delete(directory.resolve(name));
            }
        }
    }

    private void removeBehind(long base, long expected, long durableEnd) throws IOException {
        if (Math.min(base, expected) < durableEnd) {
            throw new CorruptBatchException(directory + ": a segment begins at offset " + base + " (expected: "
                    + expected + "), but the log was durable up to " + durableEnd);
        }
        var segment = new Segment(files, directory, base);
        cutBytes += segment.file().size();
        cutReadableBytes += readableBytes(segment.file(), 0);
        segment.delete();
    }

    /// What both indexes say of the segment; null when one does not, or they differ.
    private SegmentIndex.@Nullable Footer footer(Segment segment) throws IOException {
        var offsets = footer(segment.path(Segment.INDEX_SUFFIX));
        var times = footer(segment.path(Segment.TIME_INDEX_SUFFIX));
        return offsets != null && offsets.equals(times) ? offsets : null;
    }

    /// Of a segment that was sealed to the end nothing is read. Of any other the recovery point was lost with the
    /// power, and without it the segment must not be deleted: it is to be sealed again.
    private static boolean isSealed(Segment segment, SegmentIndex.Footer footer, @Nullable LogMeta meta)
            throws IOException {
        boolean isPassed = meta != null && footer.endOffset() <= meta.recoveryPoint();
        boolean isSealed = isPassed && segment.file().size() == footer.sizeBytes();
        if (isSealed) {
            segment.closeFile();
        }
        return isSealed;
    }

    private SegmentIndex.@Nullable Footer footer(Path path) throws IOException {
        return files.exists(path) ? SegmentIndex.footer(Segment.readWhole(files, path)) : null;
    }

    /// Reads all batches of a segment and cuts what is not whole; whether something was cut.
    private boolean scan(Segment segment, long durableEnd) throws IOException {
        var file = segment.file();
        long fileBytes = file.size();
        var batches = new BatchScan(file, fileBytes);
        long durableBytes = 0;
        while (batches.next(segment.sizeBytes) && isNext(batches.buffer(), segment)) {
            var header = batches.buffer();
            lastEpoch = RecordBatch.epoch(header, 0);
            segment.appended(
                    batches.totalLength(),
                    RecordBatch.lastOffset(header, 0),
                    header.getLong(RecordBatch.BASE_TIMESTAMP_AT),
                    header.getLong(RecordBatch.MAX_TIMESTAMP_AT));
            durableBytes = segment.endOffset <= durableEnd ? segment.sizeBytes : durableBytes;
        }
        segment.recovered(durableBytes);
        if (segment.sizeBytes == fileBytes) {
            return false;
        }
        if (segment.endOffset < durableEnd) {
            throw new CorruptBatchException(segment.path(Segment.LOG_SUFFIX) + ": the batch at byte "
                    + segment.sizeBytes + " (offset " + segment.endOffset
                    + ") is damaged, but the log was durable up to offset " + durableEnd);
        }
        cutBytes += fileBytes - segment.sizeBytes;
        cutReadableBytes += readableBytes(file, segment.sizeBytes + 1);
        file.truncate(segment.sizeBytes);
        // Else the next power loss may bring back what other batches have replaced by then.
        file.sync();
        return true;
    }

    /// Offset and epoch are not under the checksum, since they are set in place.
    private boolean isNext(ByteBuffer header, Segment segment) {
        int epoch = RecordBatch.epoch(header, 0);
        return RecordBatch.baseOffset(header, 0) == segment.endOffset && epoch >= lastEpoch && epoch <= latestEpoch;
    }

    /// Bytes of whole batches that can be found somewhere behind the position.
    private static long readableBytes(LogFile file, long from) throws IOException {
        long fileBytes = file.size();
        var batches = new BatchScan(file, fileBytes);
        long readable = 0;
        long position = from;
        while (position + RecordBatch.HEADER_LENGTH <= fileBytes) {
            if (batches.next(position)) {
                readable += batches.totalLength();
                position += batches.totalLength();
            } else {
                position++;
            }
        }
        return readable;
    }

    private void closeIdle() throws IOException {
        for (var segment : segments.values()) {
            segment.closeFile();
        }
    }

    /// Batches of a file, read whole and checked.
    private static final class BatchScan {
        private static final int MIN_BUFFER_BYTES = 256 * 1024;

        private final LogFile file;
        private final long fileBytes;
        private ByteBuffer window = ByteBuffer.allocate(MIN_BUFFER_BYTES);
        private long windowPosition;
        private int windowLength;
        private ByteBuffer batch = window;
        private int totalLength;

        BatchScan(LogFile file, long fileBytes) {
            this.file = file;
            this.fileBytes = fileBytes;
        }

        /// Whether a whole batch stands at the position.
        boolean next(long position) throws IOException {
            if (fileBytes - position < RecordBatch.HEADER_LENGTH) {
                return false;
            }
            int at = locate(position, RecordBatch.HEADER_LENGTH);
            if (!RecordBatch.isHeaderSane(window, at)) {
                return false;
            }
            long length = RecordBatch.totalLength(window, at);
            if (length > fileBytes - position) {
                return false;
            }
            at = locate(position, (int) length);
            totalLength = (int) length;
            batch = window.slice(at, totalLength);
            return RecordBatch.isIntact(batch.duplicate(), 0, totalLength);
        }

        private int locate(long position, int length) throws IOException {
            if (position < windowPosition || position + length > windowPosition + windowLength) {
                if (length > window.capacity()) {
                    window = ByteBuffer.allocate(length);
                }
                window.clear();
                windowLength = file.read(window, position);
                window.clear();
                windowPosition = position;
            }
            return (int) (position - windowPosition);
        }

        ByteBuffer buffer() {
            return batch;
        }

        int totalLength() {
            return totalLength;
        }
    }
}
