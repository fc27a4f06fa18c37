package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.log.LogFailedException;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What a log makes of pages that a failed sync left marked as clean.
class FailedSyncTest {
    private static final int SEEDS = 200;
    private static final Path DIRECTORY = Path.of("/log");

    private static PartitionLog open(SimDisk disk) throws IOException {
        return PartitionLog.open(disk, DIRECTORY, LogSettings.defaults());
    }

    private static void append(PartitionLog log, int value) throws IOException {
        // More than a sector, so that a hole in it is one.
        log.add(0, ByteBuffer.allocate(2_000).putInt(0, value), 0, 2_000);
        log.append();
    }

    private static void flush(PartitionLog log) throws IOException {
        var task = Objects.requireNonNull(log.takeFlush());
        task.run();
        task.completed();
    }

    private static List<Integer> values(PartitionLog log) throws IOException {
        var values = new ArrayList<Integer>();
        try (var reader = log.reader()) {
            while (reader.next()) {
                values.add(reader.buffer().getInt(reader.position()));
            }
        }
        return values;
    }

    @Test
    void theNextProcessWritesAnewWhatItGoesOnFrom() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var disk = new SimDisk(seed);
            var log = open(disk);
            append(log, 1);
            if (seed % 2 == 0) {
                flush(log);
            }
            append(log, 2);
            disk.failSyncs("Input/output error");
            assertThatThrownBy(() -> flush(log)).hasMessage("Input/output error");
            disk.failSyncs(null);

            var next = open(disk);
            append(next, 3);
            if (seed % 3 == 0) {
                next.sync();
            } else {
                flush(next);
            }
            disk.losePower();

            assertThat(values(open(disk))).as("seed %d", seed).containsExactly(1, 2, 3);
        }
    }

    @Test
    void aSyncThatFindsNoRoomIsFinal() throws IOException {
        var disk = new SimDisk(1);
        var log = open(disk);
        append(log, 1);
        disk.failSyncs("No space left on device");

        assertThatThrownBy(log::sync).isInstanceOf(LogFailedException.class);

        disk.failSyncs(null);
        assertThatThrownBy(() -> append(log, 2)).isInstanceOf(LogFailedException.class);
    }
}
