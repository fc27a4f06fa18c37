package io.waystation.broker.nsqd;

import io.waystation.log.FileStore;
import io.waystation.log.ForwardingFiles;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// Real files of a process that is killed at its n-th change: that one happens by half, if it is a write, or not at
/// all, and nothing after it.
final class KilledFiles extends ForwardingFiles {
    private int left;

    /// @param changes how many happen
    KilledFiles(FileStore files, int changes) {
        super(files);
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
        if (!exists(path)) {
            change();
        }
        return super.open(path);
    }

    @Override
    protected LogFile opened(LogFile file) {
        return new KilledFile(file);
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        change();
        super.createDirectories(directory);
    }

    @Override
    public void delete(Path path) throws IOException {
        change();
        super.delete(path);
    }

    @Override
    public void rename(Path source, Path target) throws IOException {
        change();
        super.rename(source, target);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        change();
        super.syncDirectory(directory);
    }

    @Override
    public void syncExisting(Path path) throws IOException {
        change();
        super.syncExisting(path);
    }

    private final class KilledFile extends ForwardingFile {
        KilledFile(LogFile file) {
            super(file);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            if (left == 0) {
                var part = source.duplicate();
                part.limit(part.position() + part.remaining() / 2);
                super.write(part, position);
            }
            change();
            super.write(source, position);
        }

        @Override
        public void truncate(long size) throws IOException {
            change();
            super.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            change();
            super.sync();
        }
    }
}
