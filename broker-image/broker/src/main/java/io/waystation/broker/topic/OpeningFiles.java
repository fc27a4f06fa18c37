package io.waystation.broker.topic;

import io.waystation.log.FileStore;
import io.waystation.log.ForwardingFiles;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The files of a topic that is being opened: when that fails, what was opened so far is closed, so that a deletion
/// gives its space back. Confined to the thread that opens until [#succeeded], after which nothing is kept here and it
/// is as safe from threads as the files below.
final class OpeningFiles extends ForwardingFiles {
    /// Null from then on, as the topic keeps these files for as long as it lives.
    private @Nullable List<LogFile> open = new ArrayList<>();
    private volatile boolean succeeded;

    OpeningFiles(FileStore files) {
        super(files);
    }

    /// The topic has its files, and closes them itself.
    void succeeded() {
        open = null;
        succeeded = true;
    }

    /// The topic could not be opened, for the cause given.
    void failed(Exception cause) {
        for (var file : Objects.requireNonNull(open)) {
            try {
                file.close();
            } catch (IOException failure) {
                cause.addSuppressed(failure);
            }
        }
    }

    @Override
    protected LogFile opened(LogFile file) {
        if (!succeeded) {
            Objects.requireNonNull(open).add(file);
        }
        return file;
    }
}
