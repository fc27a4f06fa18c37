package io.waystation.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;

/// The offset below which a log is durable, as its file `meta` says; it only rises. Shared by the log's loop and the
/// threads that seal its segments: whoever raises it, or writes what must be durable before, holds its lock, so that
/// none takes back what another wrote. Once it is closed nothing is written, since another log may have been made in
/// the place of a deleted one.
final class RecoveryPoint {
    private final FileStore files;
    private final Path directory;
    private volatile LogMeta meta;
    private boolean closed;

    /// Something that is written into the log's directory.
    interface Write {
        void run() throws IOException;
    }

    /// Of a log that was opened, or has just been made.
    RecoveryPoint(FileStore files, Path directory, LogMeta meta) {
        this.files = files;
        this.directory = directory;
        this.meta = meta;
    }

    UUID id() {
        return meta.id();
    }

    long offset() {
        return meta.recoveryPoint();
    }

    /// Writes, makes the names of that durable, and raises the point to the offset unless it is there. Waits for the
    /// disk.
    synchronized void raise(long offset, Write before) throws IOException {
        if (closed) {
            return;
        }
        before.run();
        files.syncDirectory(directory);
        if (offset > meta.recoveryPoint()) {
            var raised = new LogMeta(meta.id(), offset);
            raised.write(files, directory);
            meta = raised;
        }
    }

    synchronized void close() {
        closed = true;
    }
}
