package io.waystation.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/// Other files with something done on the way: whoever measures or breaks files says here what differs. As safe from
/// threads as the files below.
public abstract class ForwardingFiles implements FileStore {
    private final FileStore files;

    protected ForwardingFiles(FileStore files) {
        this.files = files;
    }

    /// What stands in the place of a file that was opened.
    protected LogFile opened(LogFile file) {
        return file;
    }

    @Override
    public LogFile open(Path path) throws IOException {
        return opened(files.open(path));
    }

    @Override
    public LogFile openForReading(Path path) throws IOException {
        return opened(files.openForReading(path));
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

    /// Likewise for one file.
    public abstract static class ForwardingFile implements LogFile {
        private final LogFile file;

        protected ForwardingFile(LogFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
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
