package io.waystation.sim;

import io.waystation.log.FileStore;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// What a broken build makes of the files under it: the mistakes that cost other logs their messages.
final class BrokenFiles implements FileStore {
    enum Mistake {
        /// Says that a file is durable without asking the disk.
        SYNC_SKIPPED,
        /// Forgets that names are synced apart from files.
        DIRECTORY_SYNC_SKIPPED,
        /// Acknowledges a write that is still in the process's memory.
        ACKNOWLEDGED_BEFORE_WRITE,
        /// Replaces a file by writing over it, not beside it.
        RENAMED_BY_COPY
    }

    private final FileStore files;
    private final Mistake mistake;

    BrokenFiles(FileStore files, Mistake mistake) {
        this.files = files;
        this.mistake = mistake;
    }

    @Override
    public LogFile open(Path path) throws IOException {
        return new BrokenFile(files.open(path));
    }

    @Override
    public void syncExisting(Path path) throws IOException {
        if (mistake != Mistake.SYNC_SKIPPED) {
            files.syncExisting(path);
        }
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
        files.createDirectories(directory);
    }

    @Override
    public void delete(Path path) throws IOException {
        files.delete(path);
    }

    @Override
    public void rename(Path source, Path target) throws IOException {
        if (mistake == Mistake.RENAMED_BY_COPY) {
            copy(source, target);
            files.delete(source);
        } else {
            files.rename(source, target);
        }
    }

    private void copy(Path source, Path target) throws IOException {
        try (var from = files.open(source);
                var to = files.open(target)) {
            var bytes = ByteBuffer.allocate((int) from.size());
            from.read(bytes, 0);
            to.truncate(0);
            to.write(bytes.flip(), 0);
            to.sync();
        }
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        if (mistake != Mistake.DIRECTORY_SYNC_SKIPPED) {
            files.syncDirectory(directory);
        }
    }

    private final class BrokenFile implements LogFile {
        private final LogFile file;
        /// Acknowledged and not written.
        private ByteBuffer held = ByteBuffer.allocate(0);

        private long heldPosition;

        BrokenFile(LogFile file) {
            this.file = file;
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            release();
            if (mistake == Mistake.ACKNOWLEDGED_BEFORE_WRITE) {
                held = ByteBuffer.allocate(source.remaining()).put(source).flip();
                heldPosition = position;
            } else {
                file.write(source, position);
            }
        }

        private void release() throws IOException {
            if (held.hasRemaining()) {
                file.write(held, heldPosition);
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            release();
            return file.read(target, position);
        }

        @Override
        public long size() throws IOException {
            release();
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            release();
            file.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            release();
            if (mistake != Mistake.SYNC_SKIPPED) {
                file.sync();
            }
        }

        @Override
        public void close() throws IOException {
            release();
            file.close();
        }
    }
}
