package io.waystation.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/// What a log held at one moment, to be read away from its loop: made by the loop without I/O, then confined to the
/// thread that reads. It reads the files with handles and buffers of its own, so neither the disk nor a large batch
/// holds up anybody else.
///
/// Retention goes on meanwhile: where it has deleted a file before that was opened, reading fails with a
/// [java.nio.file.NoSuchFileException], and another snapshot begins behind it.
public final class LogSnapshot implements AutoCloseable {
    private final List<Segment> copies = new ArrayList<>();
    private final PartitionLog log;

    LogSnapshot(FileStore files, Path directory, LogSettings settings, Collection<Segment> segments) {
        var readOnly = new ReadOnlyFiles(files);
        var byBase = new TreeMap<Long, Segment>();
        for (var segment : segments) {
            var copy = segment.frozen(readOnly);
            copies.add(copy);
            byBase.put(copy.baseOffset, copy);
        }
        var own = new LogSettings(
                settings.segmentBytes(),
                settings.segmentMs(),
                settings.tailBytes(),
                settings.readBytes(),
                new BufferPool(),
                settings.ids(),
                settings.failures());
        var recovered = new LogRecovery.Result(byBase, null, Long.MAX_VALUE, RecoveryReport.CLEAN);
        this.log = new PartitionLog(readOnly, directory, own, recovered);
    }

    /// A reader that begins at the start offset.
    public LogReader reader() {
        return log.reader();
    }

    /// As [PartitionLog#offsetAtOrAfter].
    public long offsetAtOrAfter(long timestampMs) throws IOException {
        return log.offsetAtOrAfter(timestampMs);
    }

    @Override
    public void close() throws IOException {
        for (var copy : copies) {
            copy.closeFile();
        }
    }

    /// Files of which none is made or changed.
    private static final class ReadOnlyFiles extends ForwardingFiles {
        ReadOnlyFiles(FileStore files) {
            super(files);
        }

        @Override
        public LogFile open(Path path) throws IOException {
            return openForReading(path);
        }

        @Override
        public void syncExisting(Path path) {
            throw readOnly(path);
        }

        @Override
        public void createDirectories(Path directory) {
            throw readOnly(directory);
        }

        @Override
        public void delete(Path path) {
            throw readOnly(path);
        }

        @Override
        public void rename(Path source, Path target) {
            throw readOnly(source);
        }

        @Override
        public void syncDirectory(Path directory) {
            throw readOnly(directory);
        }

        private static IllegalStateException readOnly(Path path) {
            return new IllegalStateException(path + " would be changed by a snapshot (expected: reading alone)");
        }
    }
}
