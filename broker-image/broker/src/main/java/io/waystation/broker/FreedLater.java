package io.waystation.broker;

import io.waystation.log.FileStore;
import io.waystation.log.ForwardingFiles;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// Files that are gone as soon as they are deleted, but whose room the system gets back on another thread.
///
/// The system frees the pages and blocks of a deleted file when its last handle is closed. For a segment that takes
/// tens of milliseconds, which a loop does not have. As safe from threads as the files below.
final class FreedLater extends ForwardingFiles {
    private final FileStore files;
    private final Executor freeing;

    FreedLater(FileStore files, Executor freeing) {
        super(files);
        this.files = files;
        this.freeing = freeing;
    }

    @Override
    public void delete(Path path) throws IOException {
        var held = files.openForReading(path);
        try {
            files.delete(path);
        } catch (IOException failure) {
            held.close();
            throw failure;
        }
        try {
            freeing.execute(() -> close(held));
        } catch (RejectedExecutionException ended) {
            held.close();
        }
    }

    private static void close(LogFile held) {
        try {
            held.close();
        } catch (IOException failure) {
            // The name is gone and the handle is closed all the same; nothing was written through it.
        }
    }
}
