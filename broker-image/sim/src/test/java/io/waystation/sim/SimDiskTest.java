package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.log.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The contract of all files, and what a power loss does here.
class SimDiskTest extends FileStoreContract {
    private static final int SEEDS = 200;
    private static final Path DIRECTORY = Path.of("/data");
    private static final Path FILE = DIRECTORY.resolve("a");

    private final SimDisk disk = new SimDisk(1);

    @Override
    FileStore files() {
        return disk;
    }

    @Override
    Path directory() throws IOException {
        disk.createDirectories(DIRECTORY);
        return DIRECTORY;
    }

    private static void write(SimDisk disk, String text, boolean sync) throws IOException {
        try (var file = disk.open(FILE)) {
            file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
            if (sync) {
                file.sync();
            }
        }
    }

    private static String read(SimDisk disk) throws IOException {
        if (!disk.exists(FILE)) {
            return "absent";
        }
        try (var file = disk.open(FILE)) {
            var target = ByteBuffer.allocate((int) file.size());
            file.read(target, 0);
            return new String(target.array(), StandardCharsets.US_ASCII);
        }
    }

    private interface Act {
        void on(SimDisk disk) throws IOException;
    }

    /// What the file holds after an act and a power loss, over many seeds.
    private static Set<String> outcomes(Act act) throws IOException {
        var outcomes = new HashSet<String>();
        for (int seed = 0; seed < SEEDS; seed++) {
            var disk = new SimDisk(seed);
            disk.createDirectories(DIRECTORY);
            act.on(disk);
            disk.losePower();
            outcomes.add(read(disk));
        }
        return outcomes;
    }

    @Test
    void whatWasSyncedWithItsNameSurvives() throws IOException {
        assertThat(outcomes(disk -> {
                    write(disk, "hello", true);
                    disk.syncDirectory(DIRECTORY);
                }))
                .containsExactly("hello");
    }

    @Test
    void aNameThatWasNotSyncedMayBeLost() throws IOException {
        assertThat(outcomes(disk -> write(disk, "hello", true))).containsExactlyInAnyOrder("hello", "absent");
    }

    @Test
    void whatWasNotSyncedMayBeLostOrCutOrZero() throws IOException {
        assertThat(outcomes(disk -> {
                    disk.open(FILE).close();
                    disk.syncDirectory(DIRECTORY);
                    write(disk, "ab", false);
                }))
                .containsExactlyInAnyOrder("", "a", "ab", "\0", "\0\0");
    }

    @Test
    void sectorsAreLostOneByOne() throws IOException {
        var old = "o".repeat(512);
        var fresh = "n".repeat(512);

        assertThat(outcomes(disk -> {
                    write(disk, old + old, true);
                    disk.syncDirectory(DIRECTORY);
                    write(disk, fresh + fresh, false);
                }))
                .containsExactlyInAnyOrder(old + old, old + fresh, fresh + old, fresh + fresh);
    }

    @Test
    void aDeletionThatWasNotSyncedMayBeUndone() throws IOException {
        assertThat(outcomes(disk -> {
                    write(disk, "hello", true);
                    disk.syncDirectory(DIRECTORY);
                    disk.delete(FILE);
                }))
                .containsExactlyInAnyOrder("hello", "absent");
    }

    @Test
    void theEndOfAProcessLosesNothing() throws IOException {
        disk.createDirectories(DIRECTORY);
        write(disk, "hello", false);

        assertThat(read(disk)).isEqualTo("hello");
    }

    @Test
    void whatASyncFailedToWriteIsReadAndNotWrittenByTheNext() throws IOException {
        Act failedSync = disk -> {
            write(disk, "old", true);
            disk.syncDirectory(DIRECTORY);
            disk.failSyncs("Input/output error");
            assertThatThrownBy(() -> write(disk, "new", true)).hasMessage("Input/output error");
            disk.failSyncs(null);
            assertThat(read(disk)).isEqualTo("new");
        };

        assertThat(outcomes(disk -> {
                    failedSync.on(disk);
                    disk.syncExisting(FILE);
                }))
                .containsExactlyInAnyOrder("old", "new");
        assertThat(outcomes(disk -> {
                    failedSync.on(disk);
                    write(disk, "new", true);
                }))
                .containsExactly("new");
    }
}
