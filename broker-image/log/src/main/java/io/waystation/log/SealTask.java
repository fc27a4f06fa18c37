package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Makes a rolled segment durable: syncs it, writes its indexes with footers, and raises the recovery point. Holds
/// copies of all that it needs, so it runs on any thread; the tasks of one log run in the order in which they were
/// taken, and then the log's owner hears of it through [PartitionLog#onSealed].
public final class SealTask {
    private final FileStore files;
    private final Segment segment;
    private final UnsyncedSegment unsynced;
    private final Path indexPath;
    private final Path timeIndexPath;
    private final ByteBuffer indexBytes;
    private final ByteBuffer timeIndexBytes;
    private final long endOffset;
    private final RecoveryPoint recoveryPoint;

    SealTask(FileStore files, Segment segment, RecoveryPoint recoveryPoint) throws IOException {
        this.files = files;
        this.segment = segment;
        this.unsynced = segment.unsynced();
        this.indexPath = segment.path(Segment.INDEX_SUFFIX);
        this.timeIndexPath = segment.path(Segment.TIME_INDEX_SUFFIX);
        var index = segment.index();
        index.addTime(segment.largestTimeMs, segment.endOffset - 1);
        this.indexBytes = index.offsetBytes(segment.sizeBytes, segment.endOffset, segment.largestTimeMs);
        this.timeIndexBytes = index.timeBytes(segment.sizeBytes, segment.endOffset, segment.largestTimeMs);
        this.endOffset = segment.endOffset;
        this.recoveryPoint = recoveryPoint;
    }

    Segment segment() {
        return segment;
    }

    /// Waits for the disk. When that is full the task is to be run again.
    public void run() throws IOException {
        if (!files.exists(unsynced.path())) {
            // Retention was faster: the segment is gone with all that it vouched for.
            return;
        }
        unsynced.sync(files);
        try {
            recoveryPoint.raise(endOffset, this::writeIndexes);
        } catch (NoSuchFileException gone) {
            // So is the directory, with the whole log.
        } catch (IOException cause) {
            throw DiskFullException.isCauseOf(cause)
                    ? new DiskFullException("disk full: " + cause.getMessage(), cause)
                    : cause;
        }
    }

    private void writeIndexes() throws IOException {
        write(timeIndexPath, timeIndexBytes);
        write(indexPath, indexBytes);
    }

    private void write(Path path, ByteBuffer bytes) throws IOException {
        try (var file = files.open(path)) {
            file.truncate(0);
            file.write(bytes.duplicate(), 0);
            file.sync();
        }
    }
}
