package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A stretch of the log in one file, named by its base offset. Confined to its log's loop.
///
/// The last segment grows; the others are rolled, and sealed once they are durable. Invariant: the file's first
/// `sizeBytes` bytes are whole batches of the offsets `[baseOffset, endOffset)`.
final class Segment {
    static final String LOG_SUFFIX = ".log";
    static final String INDEX_SUFFIX = ".index";
    static final String TIME_INDEX_SUFFIX = ".timeindex";

    /// No record yet.
    static final long NO_TIME = Long.MIN_VALUE;

    private final FileStore files;
    private final Path directory;
    final long baseOffset;
    long endOffset;
    long sizeBytes;
    long firstTimeMs = NO_TIME;
    long largestTimeMs = NO_TIME;
    boolean sealed;
    boolean deleted;

    /// The bytes of an earlier process of which no sync is known; none when the two are the same.
    private long recoveredFrom;

    private long recoveredTo;

    private @Nullable LogFile file;
    private @Nullable SegmentIndex index;

    Segment(FileStore files, Path directory, long baseOffset) {
        this.files = files;
        this.directory = directory;
        this.baseOffset = baseOffset;
        this.endOffset = baseOffset;
        this.index = new SegmentIndex(baseOffset);
    }

    /// A sealed segment of which nothing is read before it is used.
    static Segment sealed(FileStore files, Path directory, long baseOffset, SegmentIndex.Footer footer) {
        var segment = new Segment(files, directory, baseOffset);
        segment.endOffset = footer.endOffset();
        segment.sizeBytes = footer.sizeBytes();
        segment.largestTimeMs = footer.largestTimeMs();
        segment.sealed = true;
        segment.index = null;
        return segment;
    }

    /// The segment as it is now, over files of which nothing is open: for other threads, and only to be read.
    Segment frozen(FileStore readOnly) {
        var copy = new Segment(readOnly, directory, baseOffset);
        copy.endOffset = endOffset;
        copy.sizeBytes = sizeBytes;
        copy.firstTimeMs = firstTimeMs;
        copy.largestTimeMs = largestTimeMs;
        copy.sealed = true;
        copy.index = index == null ? null : index.frozen();
        return copy;
    }

    /// What was read is all that there is, and from the position on may not be on the disk.
    void recovered(long durableBytes) {
        recoveredFrom = durableBytes;
        recoveredTo = sizeBytes;
    }

    UnsyncedSegment unsynced() {
        return new UnsyncedSegment(path(LOG_SUFFIX), recoveredFrom, recoveredTo);
    }

    /// All that was recovered is on the disk.
    void synced() {
        recoveredFrom = recoveredTo;
    }

    Path path(String suffix) {
        return directory.resolve(fileName(baseOffset, suffix));
    }

    static String fileName(long baseOffset, String suffix) {
        var digits = Long.toString(baseOffset);
        return "0".repeat(20 - digits.length()) + digits + suffix;
    }

    LogFile file() throws IOException {
        var open = file;
        if (open == null) {
            open = files.open(path(LOG_SUFFIX));
            file = open;
        }
        return open;
    }

    SegmentIndex index() throws IOException {
        var loaded = index;
        if (loaded == null) {
            loaded = SegmentIndex.read(baseOffset, indexFile(INDEX_SUFFIX), indexFile(TIME_INDEX_SUFFIX));
            index = loaded;
        }
        return loaded;
    }

    private ByteBuffer indexFile(String suffix) throws IOException {
        var bytes = readWhole(files, path(suffix));
        if (SegmentIndex.footer(bytes) == null) {
            throw new CorruptBatchException(path(suffix) + ": the index of a sealed segment has no valid footer");
        }
        return bytes;
    }

    static ByteBuffer readWhole(FileStore files, Path path) throws IOException {
        try (var file = files.open(path)) {
            var bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
            file.read(bytes, 0);
            return bytes.flip();
        }
    }

    void appended(int bytes, long lastOffset, long batchFirstTimeMs, long batchLargestTimeMs) throws IOException {
        if (firstTimeMs == NO_TIME) {
            firstTimeMs = batchFirstTimeMs;
        }
        largestTimeMs = Math.max(largestTimeMs, batchLargestTimeMs);
        index().appended(lastOffset, sizeBytes, bytes, largestTimeMs);
        sizeBytes += bytes;
        endOffset = lastOffset + 1;
    }

    /// Gives handles and what can be read again back to the system.
    void closeFile() throws IOException {
        var open = file;
        if (open != null) {
            file = null;
            open.close();
        }
        if (sealed) {
            index = null;
        }
    }

    void delete() throws IOException {
        deleted = true;
        closeFile();
        files.delete(path(LOG_SUFFIX));
        for (var suffix : new String[] {INDEX_SUFFIX, TIME_INDEX_SUFFIX}) {
            if (files.exists(path(suffix))) {
                files.delete(path(suffix));
            }
        }
    }
}
