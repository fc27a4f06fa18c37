package io.waystation.broker;

import io.waystation.broker.topic.Volume;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks once a second whether the volume has room, so that publishes are refused while there is still space for what
/// consumers finish. A thread of its own, since asking may wait for the disk.
final class SpaceWatch {
    private static final long INTERVAL_MS = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(SpaceWatch.class);

    private final Path path;
    private final long minFreeBytes;
    private final Volume volume;
    private final CountDownLatch closed = new CountDownLatch(1);

    SpaceWatch(Path path, long minFreeBytes, Volume volume) {
        this.path = path;
        this.minFreeBytes = minFreeBytes;
        this.volume = volume;
    }

    void start() {
        volume.full(shortage());
        Thread.ofVirtual().name("space").start(this::run);
    }

    private void run() {
        try {
            while (!closed.await(INTERVAL_MS, TimeUnit.MILLISECONDS)) {
                volume.full(shortage());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable String shortage() {
        try {
            FileStore store = Files.getFileStore(path);
            long free = store.getUsableSpace();
            return free < minFreeBytes
                    ? Volume.DISK_FULL + free + " bytes free (expected: " + minFreeBytes + ", min-free-bytes)"
                    : null;
        } catch (IOException unknown) {
            LOG.atWarn().setCause(unknown).log("cannot tell how much space is left");
            return null;
        }
    }

    void close() {
        closed.countDown();
    }
}
