package io.waystation.broker.metrics;

import io.waystation.daemon.metrics.Histogram;
import io.waystation.daemon.metrics.SharedHistogram;
import io.waystation.log.FileStore;
import io.waystation.log.ForwardingFiles;
import io.waystation.log.ForwardingFiles.ForwardingFile;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// How long a log's calls to the disk take, and how many fail. Safe from any thread: appends come from every loop,
/// syncs and seals from the disk's threads, so the histograms are shared ones; a pass makes one write, not a
/// message.
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

    /// A call failed whose caller went on.
    public void onFailure() {
        failures.getAndIncrement();
    }

    private IOException failed(IOException failure) {
        onFailure();
        return failure;
    }

    private void ended(SharedHistogram histogram, long startNs) {
        histogram.record(nanoClock.getAsLong() - startNs);
    }

    private final class MeasuredFiles extends ForwardingFiles {
        MeasuredFiles(FileStore files) {
            super(files);
        }

        @Override
        protected LogFile opened(LogFile file) {
            return new MeasuredFile(file);
        }

        @Override
        public void syncExisting(Path path) throws IOException {
            long startNs = nanoClock.getAsLong();
            try {
                super.syncExisting(path);
            } catch (IOException failure) {
                throw failed(failure);
            } finally {
                ended(syncs, startNs);
            }
        }

        @Override
        public void syncDirectory(Path directory) throws IOException {
            long startNs = nanoClock.getAsLong();
            try {
                super.syncDirectory(directory);
            } catch (IOException failure) {
                throw failed(failure);
            } finally {
                ended(syncs, startNs);
            }
        }
    }

    private final class MeasuredFile extends ForwardingFile {
        MeasuredFile(LogFile file) {
            super(file);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            long startNs = nanoClock.getAsLong();
            try {
                return super.read(target, position);
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
                super.write(source, position);
            } catch (IOException failure) {
                throw failed(failure);
            } finally {
                ended(writes, startNs);
            }
        }

        @Override
        public void sync() throws IOException {
            long startNs = nanoClock.getAsLong();
            try {
                super.sync();
            } catch (IOException failure) {
                throw failed(failure);
            } finally {
                ended(syncs, startNs);
            }
        }
    }
}
