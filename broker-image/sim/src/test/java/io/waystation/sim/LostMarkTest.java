package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.log.CorruptBatchException;
import io.waystation.log.DiskFullException;
import io.waystation.log.FileStore;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// What was flushed is told from a torn end, though power losses take the marks of flushes.
class LostMarkTest {
    private static final int SEEDS = 200;
    private static final Path DIRECTORY = Path.of("/log");
    private static final Path SEGMENT = DIRECTORY.resolve("0".repeat(20) + ".log");

    private static PartitionLog open(FileStore files) throws IOException {
        return PartitionLog.open(files, DIRECTORY, LogSettings.defaults());
    }

    private static void append(PartitionLog log, int value) throws IOException {
        log.add(0, ByteBuffer.allocate(Integer.BYTES).putInt(0, value), 0, Integer.BYTES);
        log.append();
    }

    private static void flush(PartitionLog log) throws IOException {
        var task = Objects.requireNonNull(log.takeFlush());
        task.run();
        task.completed();
    }

    private static void turnLastByte(FileStore files) throws IOException {
        try (var file = files.open(SEGMENT)) {
            var last = ByteBuffer.allocate(1);
            file.read(last, file.size() - 1);
            last.put(0, (byte) ~last.get(0)).flip();
            file.write(last, file.size() - 1);
        }
    }

    @Test
    void damage_to_what_was_flushed_before_a_power_loss_is_refused_from_the_next_start_on() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var disk = new SimDisk(seed);
            var log = open(disk);
            append(log, 1);
            flush(log);
            append(log, 2);
            flush(log);
            disk.losePower();
            open(disk).close();

            turnLastByte(disk);

            assertThatThrownBy(() -> open(disk)).as("seed %d", seed).isInstanceOf(CorruptBatchException.class);
        }
    }

    @Test
    void the_mark_needs_no_room_on_a_disk_that_is_full_after_a_power_loss() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var disk = new SimDisk(seed);
            var files = new FaultyFiles(disk, new SplittableRandom(seed));
            var log = open(files);
            append(log, 1);
            flush(log);
            files.full(true);
            disk.losePower();
            open(files).close();

            turnLastByte(disk);

            assertThatThrownBy(() -> open(files)).as("seed %d", seed).isInstanceOf(CorruptBatchException.class);
        }
    }

    @Test
    void the_first_flush_waits_for_room_for_the_mark() throws IOException {
        var files = new FaultyFiles(new SimDisk(1), new SplittableRandom(1));
        var log = open(files);
        append(log, 1);
        files.full(true);
        var flush = Objects.requireNonNull(log.takeFlush());

        assertThatThrownBy(flush::run).isInstanceOf(DiskFullException.class);

        files.full(false);
        flush.run();
        flush.completed();
        assertThat(log.flushedEnd()).isEqualTo(1);
    }

    @Test
    void a_mark_of_which_the_sync_failed_is_written_anew_before_a_flush_is_answered() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var disk = new SimDisk(seed);
            var files = new FaultyFiles(disk, new SplittableRandom(seed));
            append(open(files), 1);
            disk.failSyncs("Input/output error");
            assertThatThrownBy(() -> flush(open(files))).as("seed %d", seed).isInstanceOf(IOException.class);
            disk.failSyncs(null);
            var log = open(files);
            append(log, 2);
            flush(log);
            files.full(true);
            disk.losePower();
            open(files).close();

            turnLastByte(disk);

            assertThatThrownBy(() -> open(files)).as("seed %d", seed).isInstanceOf(CorruptBatchException.class);
        }
    }
}
