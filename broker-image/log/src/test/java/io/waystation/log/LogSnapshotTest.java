package io.waystation.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogSnapshotTest {
    private static final LogSettings SETTINGS =
            LogSettings.defaults().withTailBytes(4096).withSegmentBytes(10_000);

    private final FileStore files = new DiskFiles();

    @TempDir
    Path directory;

    private static void fill(PartitionLog log, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            LogBytes.add(log, 1000 + i, "record " + i + " " + "x".repeat(100));
            log.append();
        }
    }

    private static void seal(PartitionLog log) throws IOException {
        for (var task : log.takeSeals()) {
            task.run();
            log.onSealed(task);
        }
    }

    private static List<String> records(LogSnapshot snapshot, long from) throws IOException {
        var records = new ArrayList<String>();
        try (var reader = snapshot.reader()) {
            reader.seek(from);
            while (reader.next()) {
                records.add(reader.offset() + " " + reader.timestampMs() + " " + LogBytes.value(reader));
            }
        }
        return records;
    }

    @Test
    void aSnapshotHoldsWhatTheLogHeldThenWhateverIsAppendedLater() throws IOException {
        try (var log = PartitionLog.open(files, directory, SETTINGS)) {
            fill(log, 0, 500);
            var then = LogBytes.records(log);

            try (var snapshot = log.snapshot()) {
                fill(log, 500, 1000);
                seal(log);

                assertThat(records(snapshot, 0)).isEqualTo(then).hasSize(500);
                assertThat(records(snapshot, 321)).isEqualTo(then.subList(321, 500));
            }
        }
    }

    @Test
    void sealedSegmentsAreReadByTheirIndexFiles() throws IOException {
        try (var log = PartitionLog.open(files, directory, SETTINGS)) {
            fill(log, 0, 500);
            seal(log);
            log.releaseTail();

            try (var snapshot = log.snapshot()) {
                assertThat(records(snapshot, 77))
                        .hasSize(423)
                        .first()
                        .asString()
                        .startsWith("77 1077 record 77 ");
                assertThat(snapshot.offsetAtOrAfter(1234)).isEqualTo(234);
            }
        }
    }

    @Test
    void whatRetentionDeletedIsMissedAndNotMadeAnew() throws IOException {
        try (var log = PartitionLog.open(files, directory, SETTINGS)) {
            fill(log, 0, 500);
            seal(log);

            try (var snapshot = log.snapshot()) {
                log.deleteSegmentsBelow(400);

                assertThatThrownBy(() -> records(snapshot, 0)).isInstanceOf(NoSuchFileException.class);
                assertThat(records(snapshot, 450)).hasSize(50);
            }
            assertThat(Files.exists(directory.resolve("00000000000000000000.log")))
                    .isFalse();
        }
    }

    @Test
    void readingLeavesTheLogAlone() throws IOException {
        try (var log = PartitionLog.open(files, directory, SETTINGS)) {
            fill(log, 0, 300);
            var before = LogBytes.read(directory);

            try (var snapshot = log.snapshot()) {
                records(snapshot, 0);
            }

            assertThat(LogBytes.read(directory)).containsExactlyEntriesOf(before);
            fill(log, 300, 310);
            assertThat(LogBytes.records(log)).hasSize(310);
        }
    }
}
