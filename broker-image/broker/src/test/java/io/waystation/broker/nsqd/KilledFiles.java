package io.waystation.broker.nsqd;

import io.waystation.log.FileStore;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// Real files of a process that is killed at its n-th change: that one happens by half, if it is a write, or not at
/// all, and nothing after it.
final class KilledFiles implements FileStore {
    private final FileStore files;
    private int left;

    /// @param changes how many happen
    KilledFiles(FileStore files, int changes) {
        this.files = files;
        this.left = changes;
    }

    boolean isKilled() {
        return left < 0;
    }

    private void change() throws IOException {
        left--;
        if (left < 0) {
            throw new IOException("killed");
        }
    }

    @Override
    public LogFile open(Path path) throws IOException {
        if (!files.exists(path)) {
            change();
        }
        return new KilledFile(files.open(path));
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
        change();
        files.createDirectories(directory);
    }

    @Override
    public void delete(Path path) throws IOException {
        change();
        files.delete(path);
    }

    @Override
    public void rename(Path source, Path target) throws IOException {
        change();
        files.rename(source, target);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        change();
        files.syncDirectory(directory);
    }

    @Override
    public void syncExisting(Path path) throws IOException {
        change();
        files.syncExisting(path);
    }

    private final class KilledFile implements LogFile {
        private final LogFile file;

        KilledFile(LogFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            if (left == 0) {
                var part = source.duplicate();
                part.limit(part.position() + part.remaining() / 2);
                file.write(part, position);
            }
            change();
            file.write(source, position);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            change();
            file.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            change();
            file.sync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
