package io.waystation.sim;

import io.waystation.log.FileStore;
import io.waystation.log.ForwardingFiles;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// What a broken build makes of the files under it: the mistakes that cost other logs their messages.
final class BrokenFiles extends ForwardingFiles {
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

    private final Mistake mistake;

    BrokenFiles(FileStore files, Mistake mistake) {
        super(files);
        this.mistake = mistake;
    }

    @Override
    protected LogFile opened(LogFile file) {
        return new BrokenFile(file);
    }

    @Override
    public void syncExisting(Path path) throws IOException {
        if (mistake != Mistake.SYNC_SKIPPED) {
            super.syncExisting(path);
        }
    }

    @Override
    public void rename(Path source, Path target) throws IOException {
        if (mistake == Mistake.RENAMED_BY_COPY) {
            copy(source, target);
            delete(source);
        } else {
            super.rename(source, target);
        }
    }

    private void copy(Path source, Path target) throws IOException {
        try (var from = super.open(source);
                var to = super.open(target)) {
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
            super.syncDirectory(directory);
        }
    }

    private final class BrokenFile extends ForwardingFile {
        /// Acknowledged and not written.
        private ByteBuffer held = ByteBuffer.allocate(0);

        private long heldPosition;

        BrokenFile(LogFile file) {
            super(file);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            release();
            if (mistake == Mistake.ACKNOWLEDGED_BEFORE_WRITE) {
                held = ByteBuffer.allocate(source.remaining()).put(source).flip();
                heldPosition = position;
            } else {
                super.write(source, position);
            }
        }

        private void release() throws IOException {
            if (held.hasRemaining()) {
                super.write(held, heldPosition);
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            release();
            return super.read(target, position);
        }

        @Override
        public long size() throws IOException {
            release();
            return super.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            release();
            super.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            release();
            if (mistake != Mistake.SYNC_SKIPPED) {
                super.sync();
            }
        }

        @Override
        public void close() throws IOException {
            release();
            super.close();
        }
    }
}
