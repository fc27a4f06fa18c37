package io.waystation.broker;

import io.waystation.log.FileStore;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Real files on a disk that a test fills up or breaks. Safe from any thread: one reference, replaced as a whole.
final class FailingFiles implements FileStore {
    private final FileStore files;
    private volatile @Nullable String error;

    FailingFiles(FileStore files) {
        this.files = files;
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
        if (!files.exists(path)) {
            check();
        }
        return new FailingFile(files.open(path));
    }

    @Override
    public void syncExisting(Path path) throws IOException {
        files.syncExisting(path);
    }

    @Override
    public boolean exists(Path path) throws IOException {
        return files.exists(path);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return files.list(directory);
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        check();
        files.createDirectories(directory);
    }

    @Override
    public void delete(Path path) throws IOException {
        files.delete(path);
    }

    @Override
    public void rename(Path source, Path target) throws IOException {
        files.rename(source, target);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        files.syncDirectory(directory);
    }

    private final class FailingFile implements LogFile {
        private final LogFile file;

        FailingFile(LogFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            if (error != null) {
                var part = source.duplicate();
                part.limit(part.position() + part.remaining() / 2);
                file.write(part, position);
            }
            check();
            file.write(source, position);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            file.sync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
