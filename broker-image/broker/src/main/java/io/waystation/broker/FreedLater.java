package io.waystation.broker;

import io.waystation.log.FileStore;
import io.waystation.log.ForwardingFiles;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Files that are gone as soon as they are deleted, but whose room the system gets back on another thread.
///
/// The system frees the pages and blocks of a deleted file when its last handle is closed. For a segment that takes
/// tens of milliseconds, which a loop does not have. As safe from threads as the files below.
final class FreedLater extends ForwardingFiles {
    private static final Logger LOG = LoggerFactory.getLogger(FreedLater.class);

    private final FileStore files;
    private final Executor freeing;
    private final Runnable onFailure;

    /// @param onFailure counts what failed while freeing, when nobody waits for it any more
    FreedLater(FileStore files, Executor freeing, Runnable onFailure) {
        super(files);
        this.files = files;
        this.freeing = freeing;
        this.onFailure = onFailure;
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
            freeing.execute(() -> close(held, path));
        } catch (RejectedExecutionException ended) {
            held.close();
        }
    }

    /// The name is gone and nothing was written through the handle, so nothing is lost; but the room may not be free.
    private void close(LogFile held, Path path) {
        try {
            held.close();
        } catch (IOException failure) {
            onFailure.run();
            LOG.atError()
                    .addKeyValue("path", path)
                    .addKeyValue("cause", failure.getMessage())
                    .log("a deleted file could not be closed; its room may not be free");
        }
    }
}
