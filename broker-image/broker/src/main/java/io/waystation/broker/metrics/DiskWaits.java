package io.waystation.broker.metrics;

import io.waystation.daemon.metrics.Histogram;
import io.waystation.daemon.metrics.SharedHistogram;
import io.waystation.log.FileStore;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// How long a log's calls to the disk take, and how many fail. Safe from any thread: appends come from every loop,
/// syncs
/// and seals from the disk's threads, so the histograms are shared ones; a pass makes one write, not a message.
public final class DiskWaits {
    private final LongSupplier nanoClock;
    private final SharedHistogram writes = new SharedHistogram();
    private final SharedHistogram reads = new SharedHistogram();
    private final SharedHistogram syncs = new SharedHistogram();
    private final AtomicLong failures = new AtomicLong();

    /// @param nanoClock one that never steps
    public DiskWaits(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /// The same files, measured.
    public FileStore measured(FileStore files) {
        return new MeasuredFiles(files);
    }

    Histogram writes() {
        return writes.copy();
    }

    Histogram reads() {
        return reads.copy();
    }

    Histogram syncs() {
        return syncs.copy();
    }

    /// Calls that ended with an error.
    long failureCount() {
        return failures.get();
    }

    private IOException failed(IOException failure) {
        failures.getAndIncrement();
        return failure;
    }

    private void ended(SharedHistogram histogram, long startNs) {
        histogram.record(nanoClock.getAsLong() - startNs);
    }

    private final class MeasuredFiles implements FileStore {
        private final FileStore files;

        MeasuredFiles(FileStore files) {
            this.files = files;
        }

        @Override
        public LogFile open(Path path) throws IOException {
            return new MeasuredFile(files.open(path));
        }

        @Override
        public LogFile openForReading(Path path) throws IOException {
            return new MeasuredFile(files.openForReading(path));
        }

        @Override
        public void syncExisting(Path path) throws IOException {
            long startNs = nanoClock.getAsLong();
            try {
                files.syncExisting(path);
            } catch (IOException failure) {
                throw failed(failure);
            } finally {
                ended(syncs, startNs);
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
            files.rename(source, target);
        }

        @Override
        public void syncDirectory(Path directory) throws IOException {
            long startNs = nanoClock.getAsLong();
            try {
                files.syncDirectory(directory);
            } catch (IOException failure) {
                throw failed(failure);
            } finally {
                ended(syncs, startNs);
            }
        }
    }

    private final class MeasuredFile implements LogFile {
        private final LogFile file;

        MeasuredFile(LogFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            long startNs = nanoClock.getAsLong();
            try {
                return file.read(target, position);
            } catch (IOException failure) {
                throw failed(failure);
            } finally {
                ended(reads, startNs);
            }
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            long startNs = nanoClock.getAsLong();
            try {
                file.write(source, position);
            } catch (IOException failure) {
                throw failed(failure);
            } finally {
                ended(writes, startNs);
            }
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
            long startNs = nanoClock.getAsLong();
            try {
                file.sync();
            } catch (IOException failure) {
                throw failed(failure);
            } finally {
                ended(syncs, startNs);
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
