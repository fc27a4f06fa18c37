package io.waystation.broker;

import io.waystation.log.FileStore;
import io.waystation.log.ForwardingFiles;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Real files on a disk that a test fills up or breaks. Safe from any thread: one reference, replaced as a whole.
final class FailingFiles extends ForwardingFiles {
    private volatile @Nullable String error;

    FailingFiles(FileStore files) {
        super(files);
    }

    /// From now on every write fails so, having written a part; null: none does.
    void failWith(@Nullable String text) {
        error = text;
    }

    private void check() throws IOException {
        var text = error;
        if (text != null) {
            throw new IOException(text);
        }
    }

    @Override
    public LogFile open(Path path) throws IOException {
        if (!exists(path)) {
            check();
        }
        return super.open(path);
    }

    @Override
    protected LogFile opened(LogFile file) {
        return new FailingFile(file);
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        check();
        super.createDirectories(directory);
    }

    private final class FailingFile extends ForwardingFile {
        FailingFile(LogFile file) {
            super(file);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            if (error != null) {
                var part = source.duplicate();
                part.limit(part.position() + part.remaining() / 2);
                super.write(part, position);
            }
            check();
            super.write(source, position);
        }
    }
}
