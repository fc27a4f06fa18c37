package io.waystation.broker;

import io.waystation.log.DiskFiles;
import io.waystation.log.ForwardingFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The real files, but flushes of existing ones may be held up or fail. Safe from any thread, because its state is
/// atomic or volatile.
final class FaultyDisk extends ForwardingFiles {
    private final AtomicInteger flushes = new AtomicInteger();
    private final Semaphore gate = new Semaphore(0);
    private volatile boolean held;
    private volatile @Nullable String failure;

    FaultyDisk() {
        super(new DiskFiles());
    }

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
        super.syncExisting(path);
        flushes.incrementAndGet();
    }
}
