package io.waystation.bench;

import io.waystation.log.FileStore;
import io.waystation.log.LogFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// Files that take everything and keep nothing, so that what is measured is ours and not the disk's.
final class VoidFiles implements FileStore {
    @Override
    public LogFile open(Path path) {
        return new VoidFile();
    }

    @Override
    public void syncExisting(Path path) {
        // nothing is kept
    }

    @Override
    public boolean exists(Path path) {
        return false;
    }

    @Override
    public List<String> list(Path directory) {
        return List.of();
    }

    @Override
    public void createDirectories(Path directory) {
        // there are none
    }

    @Override
    public void delete(Path path) {
        // nothing is kept
    }

    @Override
    public void rename(Path source, Path target) {
        // nothing is kept
    }

    @Override
    public void syncDirectory(Path directory) {
        // nothing is kept
    }

    private static final class VoidFile implements LogFile {
        private long size;

        @Override
        public int read(ByteBuffer target, long position) {
            return 0;
        }

        @Override
        public void write(ByteBuffer source, long position) {
            size = position + source.remaining();
            source.position(source.limit());
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public void truncate(long newSize) {
            size = newSize;
        }

        @Override
        public void sync() {
            // nothing is kept
        }

        @Override
        public void close() {
            // nothing is held
        }
    }
}
