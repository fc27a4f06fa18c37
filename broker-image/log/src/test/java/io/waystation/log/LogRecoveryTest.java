package io.waystation.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damage at every byte of every file of a log with three sealed segments and an active one: what is left is the
/// longest
/// valid prefix, or opening says what is wrong. Nothing before the damage is ever lost.
class LogRecoveryTest {
    private static final LogSettings SETTINGS = LogSettings.defaults().withSegmentBytes(400);
    private static final int SEALED_RECORDS = 3;

    @TempDir
    Path directory;

    private Map<String, byte[]> whole = Map.of();
    private List<String> records = List.of();
    /// Ends of the batches in the active segment's file, and the records up to each.
    private final List<Integer> batchEnds = new ArrayList<>(List.of(0));

    private final List<Integer> recordsUpTo = new ArrayList<>(List.of(SEALED_RECORDS));
    private String active = "";

    @BeforeEach
    void write() throws IOException {
        try (var log = open()) {
            for (int i = 0; i < SEALED_RECORDS; i++) {
                LogBytes.add(log, 100 + i, "sealed ".repeat(50) + i);
                log.append();
            }
            active = Segment.fileName(SEALED_RECORDS, Segment.LOG_SUFFIX);
            for (int batch = 1; batch <= 3; batch++) {
                for (int i = 0; i < batch; i++) {
                    LogBytes.add(log, 200 + i, "b" + batch + "r" + i);
                }
                long end = log.append();
                batchEnds.add((int) Files.size(directory.resolve(active)));
                recordsUpTo.add((int) end);
            }
            for (var seal : log.takeSeals()) {
                seal.run();
                log.onSealed(seal);
            }
            records = LogBytes.records(log);
        }
        whole = LogBytes.read(directory);
    }

    private PartitionLog open() throws IOException {
        return PartitionLog.open(new DiskFiles(), directory, SETTINGS);
    }

    private void damage(String file, byte[] bytes) throws IOException {
        LogBytes.write(directory, whole);
        Files.write(directory.resolve(file), bytes);
    }

    @Test
    void theActiveSegmentBeganAfterTheSealedOnes() {
        assertThat(whole.keySet())
                .contains(active, Segment.fileName(0, ".index"), Segment.fileName(2, ".timeindex"))
                .doesNotContain(active.replace(".log", ".index"));
    }

    @Test
    void aCutAtAnyByteKeepsTheBatchesBeforeIt() throws IOException {
        var bytes = bytes(active);
        for (int length = 0; length <= bytes.length; length++) {
            damage(active, Arrays.copyOf(bytes, length));

            expectPrefix("cut to " + length, batchesWithin(length), length);
        }
    }

    @Test
    void aFlipOfAnyByteKeepsTheBatchesBeforeIt() throws IOException {
        var bytes = bytes(active);
        for (int at = 0; at < bytes.length; at++) {
            for (int mask : new int[] {0x01, 0x80, 0xff}) {
                damage(active, LogBytes.flipped(bytes, at, mask));

                expectPrefix("byte " + at + " flipped by " + mask, batchesWithin(at), bytes.length);
            }
        }
    }

    @Test
    void zerosAndNoiseBehindTheEndAreCutOff() throws IOException {
        var bytes = bytes(active);
        for (int fill : new int[] {0, 1, 0xff}) {
            var longer = Arrays.copyOf(bytes, bytes.length + 5000);
            Arrays.fill(longer, bytes.length, longer.length, (byte) fill);
            damage(active, longer);

            expectPrefix("filled with " + fill, batchEnds.size() - 1, longer.length);
        }
    }

    @Test
    void aBatchThatIsThereTwiceCountsOnce() throws IOException {
        var bytes = bytes(active);
        int from = batchEnds.get(batchEnds.size() - 2);
        var twice = Arrays.copyOf(bytes, 2 * bytes.length - from);
        System.arraycopy(bytes, from, twice, bytes.length, bytes.length - from);
        damage(active, twice);

        expectPrefix("last batch twice", batchEnds.size() - 1, twice.length);
    }

    @Test
    void anIndexThatIsDamagedAnywhereIsMadeAnew() throws IOException {
        for (var file : whole.keySet()) {
            if (!file.endsWith("index")) {
                continue;
            }
            var bytes = bytes(file);
            for (int at = 0; at < bytes.length; at++) {
                damage(file, LogBytes.flipped(bytes, at, 0x01));
                expectEverything(file + " flipped at " + at);
                damage(file, Arrays.copyOf(bytes, at));
                expectEverything(file + " cut to " + at);
            }
        }
    }

    @Test
    void aSmallFileThatIsDamagedAnywhereIsRefused() throws IOException {
        for (var file : List.of(LogMeta.FILE_NAME, Epochs.FILE_NAME)) {
            var bytes = bytes(file);
            for (int at = 0; at < bytes.length; at++) {
                damage(file, LogBytes.flipped(bytes, at, 0x01));
                expectRefusal(file, "flipped at " + at);
                damage(file, Arrays.copyOf(bytes, at));
                expectRefusal(file, "cut to " + at);
            }
        }
    }

    @Test
    void damageToASealedSegmentIsNeverDelivered() throws IOException {
        var sealed = Segment.fileName(0, Segment.LOG_SUFFIX);
        var bytes = bytes(sealed);
        for (int at = 0; at < bytes.length; at++) {
            damage(sealed, LogBytes.flipped(bytes, at, 0x01));

            try (var log = open()) {
                assertThat(LogBytes.records(log)).as("byte %d", at).isEqualTo(records);
            } catch (CorruptBatchException told) {
                assertThat(told).hasMessageContaining(sealed);
            }
        }
    }

    private byte[] bytes(String file) {
        var bytes = whole.get(file);
        if (bytes == null) {
            throw new AssertionError("no file " + file);
        }
        return bytes;
    }

    /// How many batches end at or before the position.
    private int batchesWithin(int position) {
        int batches = 0;
        while (batches + 1 < batchEnds.size() && batchEnds.get(batches + 1) <= position) {
            batches++;
        }
        return batches;
    }

    private void expectPrefix(String damage, int batches, int fileLength) throws IOException {
        int end = recordsUpTo.get(batches);
        try (var log = open()) {
            assertThat(LogBytes.records(log)).as(damage).isEqualTo(records.subList(0, end));
            assertThat(log.recovery().cutBytes()).as(damage).isEqualTo(fileLength - batchEnds.get(batches));
            LogBytes.add(log, 300, "after");
            assertThat(log.append()).as(damage).isEqualTo(end + 1);
        }
        try (var log = open()) {
            assertThat(log.recovery()).as(damage).isEqualTo(RecoveryReport.CLEAN);
            assertThat(LogBytes.records(log)).as(damage).hasSize(end + 1).startsWith(records.getFirst());
        }
    }

    private void expectEverything(String damage) throws IOException {
        try (var log = open()) {
            assertThat(LogBytes.records(log)).as(damage).isEqualTo(records);
        }
    }

    private void expectRefusal(String file, String damage) {
        assertThatThrownBy(this::open)
                .as(damage)
                .isInstanceOf(CorruptBatchException.class)
                .hasMessageContaining(directory.resolve(file) + " is damaged");
    }
}
