package io.waystation.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/// Makes what was appended to a log survive a power loss. Holds copies of all that [#run] needs, so that runs on any
/// thread; then the log's owner calls [#completed] or [#failed].
public final class FlushTask {
    private final PartitionLog log;
    private final FileStore files;
    private final Path directory;
    private final UUID logId;
    private final List<UnsyncedSegment> segments;
    private final boolean syncDirectory;
    private final int segmentsMade;
    private final long endOffset;

    FlushTask(
            PartitionLog log,
            FileStore files,
            Path directory,
            UUID logId,
            List<UnsyncedSegment> segments,
            boolean syncDirectory,
            int segmentsMade,
            long endOffset) {
        this.log = log;
        this.files = files;
        this.directory = directory;
        this.logId = logId;
        this.segments = segments;
        this.syncDirectory = syncDirectory;
        this.segmentsMade = segmentsMade;
        this.endOffset = endOffset;
    }

    /// Every offset below it survives once the task has run.
    long endOffset() {
        return endOffset;
    }

    int segmentsMade() {
        return segmentsMade;
    }

    public void completed() {
        log.onFlushed(this);
    }

    /// Nothing is appended to the log any more.
    public void failed(IOException cause) {
        log.fail(cause);
    }

    /// Waits for the disk. A file that is gone was deleted with all that it held. When the disk is too
    /// full for the [FlushMark], which a log has from its first flush on, the task is to be run again.
    public void run() throws IOException {
        if (syncDirectory) {
            FlushMark.reserve(files, directory, logId);
        }
        for (var segment : segments) {
            segment.sync(files);
        }
        if (syncDirectory && files.exists(directory)) {
            files.syncDirectory(directory);
        }
        FlushMark.write(files, directory, logId, endOffset);
    }
}
