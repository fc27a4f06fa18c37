package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.channel.DeferredStore;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// A bucket of deferred messages of which a process that ended could only say that it goes.
class DeletedBucketTest {
    private static final int SEEDS = 50;
    private static final Path TOPIC = Path.of("/topic");
    private static final Path DIRECTORY = TOPIC.resolve("deferred");
    private static final long NOW_MS = 1_700_000_000_000L;

    private static DeferredStore open(SimDisk disk) throws IOException {
        var settings = LogSettings.defaults();
        return DeferredStore.open(disk, DIRECTORY, PartitionLog.open(disk, TOPIC, settings), settings, NOW_MS);
    }

    @Test
    void noPartOfItIsThereAfterAPowerLossWhileTheNextProcessRemovesIt() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var disk = new SimDisk(seed);
            var store = open(disk);
            store.add(NOW_MS + 1, NOW_MS, ByteBuffer.allocate(10), 0, 10);
            store.append();
            store.sync();
            var bucket = DIRECTORY.resolve(disk.list(DIRECTORY).getFirst());
            disk.rename(bucket, bucket.resolveSibling(bucket.getFileName() + ".deleted"));

            open(disk).close();
            disk.losePower();

            try (var next = open(disk)) {
                assertThat(next.count()).as("messages with seed %d", seed).isZero();
            }
        }
    }
}
