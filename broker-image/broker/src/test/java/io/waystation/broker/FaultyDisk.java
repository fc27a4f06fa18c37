package io.waystation.broker;

import io.waystation.log.DiskFiles;
import io.waystation.log.FileStore;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The real files, but flushes of existing ones may be held up or fail. Safe from any thread, because its state is
/// atomic
/// or volatile.
final class FaultyDisk implements FileStore {
    private final FileStore files = new DiskFiles();
    private final AtomicInteger flushes = new AtomicInteger();
    private final Semaphore gate = new Semaphore(0);
    private volatile boolean held;
    private volatile @Nullable String failure;

    /// Flushes wait until [#release].
    void hold() {
        held = true;
    }

    void release() {
        held = false;
        gate.release(1_000);
    }

    void failFlushes(String message) {
        failure = message;
    }

    int flushes() {
        return flushes.get();
    }

    @Override
    public void syncExisting(Path path) throws IOException {
        if (held) {
            gate.acquireUninterruptibly();
        }
        var message = failure;
        if (message != null) {
            throw new IOException(message);
        }
        files.syncExisting(path);
        flushes.incrementAndGet();
    }

    @Override
    public LogFile open(Path path) throws IOException {
        return files.open(path);
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
}
