package io.waystation.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionLogTest {
    private final FileStore files = new DiskFiles();

    @TempDir
    Path directory;

    @Test
    void batchesAreKafkasByteForByte() throws IOException {
        try (var log = open(LogSettings.defaults())) {
            add(log, 1700000000000L, "hello");
            add(log, 1700000000005L, "world!");
            log.append();
        }

        var bytes = Files.readAllBytes(directory.resolve("00000000000000000000.log"));
        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo("0000000000000000" + "0000004a" + "00000000" + "02" + "e8265dbb" + "0000" + "00000001"
                        + "0000018bcfe56800" + "0000018bcfe56805" + "ffffffffffffffff" + "ffff" + "ffffffff"
                        + "00000002" + "1600000001" + "0a68656c6c6f00" + "18000a0201" + "0c776f726c642100");
    }

    @Test
    void recordsComeBackInOrderFromTailAndFile() throws IOException {
        var settings = LogSettings.defaults().withTailBytes(4096).withSegmentBytes(20_000);
        try (var log = open(settings)) {
            var early = log.reader();
            for (int batch = 0; batch < 100; batch++) {
                for (int i = 0; i < 10; i++) {
                    add(log, batch, "record " + (batch * 10 + i) + " " + "x".repeat(i * 13));
                }
                log.append();
            }

            assertThat(read(early))
                    .hasSize(1000)
                    .startsWith("0: record 0 ")
                    .element(999)
                    .asString()
                    .startsWith("999: record 999 ");
            assertThat(log.endOffset()).isEqualTo(1000);
        }
    }

    @Test
    void keysAndHeadersComeBackFromTailAndFileAmongRecordsWithoutThem() throws IOException {
        var headers = RecordHeaders.NONE
                .with("reason", "expired")
                .with("count", "\u00e9".repeat(200))
                .with("reason", "again");
        var key = ByteBuffer.wrap("xkey".getBytes(StandardCharsets.UTF_8));
        var value = ByteBuffer.wrap("a value".getBytes(StandardCharsets.UTF_8));
        try (var log = open(LogSettings.defaults().withTailBytes(4096))) {
            for (int i = 0; i < 300; i++) {
                boolean keyed = i % 2 == 1;
                var its = i % 3 == 0 ? headers : RecordHeaders.NONE;
                log.add(i, key, 1, keyed ? 3 : -1, value, 2, 5, its);
                if (i % 7 == 0) {
                    log.append();
                }
            }
            log.append();
            var reader = log.reader();

            for (int i = 0; i < 300; i++) {
                assertThat(reader.next()).isTrue();
                assertThat(text(reader.buffer(), reader.position(), reader.length()))
                        .isEqualTo("value");
                assertThat(reader.timestampMs()).isEqualTo(i);
                assertThat(reader.keyLength()).isEqualTo(i % 2 == 1 ? 3 : -1);
                assertThat(reader.headers().all()).hasSize(i % 3 == 0 ? 3 : 0);
            }
            reader.seek(3);
            assertThat(reader.next()).isTrue();
            assertThat(text(reader.buffer(), reader.keyPosition(), reader.keyLength()))
                    .isEqualTo("key");
            assertThat(reader.headers().last("reason"))
                    .extracting(RecordHeaders.Header::text)
                    .isEqualTo("again");
            assertThat(reader.headers().last("count"))
                    .extracting(RecordHeaders.Header::text)
                    .isEqualTo("\u00e9".repeat(200));
            assertThat(reader.headers().withoutPrefix("rea").all()).hasSize(1);
            assertThat(reader.headers().last("absent")).isNull();
        }
    }

    private static String text(ByteBuffer buffer, int position, int length) {
        var bytes = new byte[length];
        buffer.get(position, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void everySeekFindsItsRecord() throws IOException {
        var settings = LogSettings.defaults().withTailBytes(4096).withSegmentBytes(10_000);
        try (var log = open(settings)) {
            fill(log, 500);
            var reader = log.reader();
            for (long offset = 499; offset >= 0; offset--) {
                reader.seek(offset);

                assertThat(reader.next()).isTrue();
                assertThat(reader.offset()).isEqualTo(offset);
            }
        }
    }

    @Test
    void readersGoOnWhenTheLogGrows() throws IOException {
        try (var log = open(LogSettings.defaults())) {
            var reader = log.reader();
            assertThat(reader.next()).isFalse();
            add(log, 1, "a");
            assertThat(reader.next()).isFalse();
            log.append();

            assertThat(read(reader)).containsExactly("0: a");
            assertThat(reader.next()).isFalse();
            add(log, 2, "b");
            log.append();
            assertThat(read(reader)).containsExactly("1: b");
        }
    }

    @Test
    void readerKeepsItsPlaceWhenTheTailMovesOn() throws IOException {
        try (var log = open(LogSettings.defaults().withTailBytes(4096))) {
            for (int i = 0; i < 20; i++) {
                add(log, 1, "record " + i + "y".repeat(100));
            }
            log.append();
            var reader = log.reader();
            for (int i = 0; i < 10; i++) {
                reader.next();
            }
            fill(log, 200);
            log.releaseTail();

            assertThat(reader.next()).isTrue();
            assertThat(text(reader)).startsWith("record 10y");
        }
    }

    @Test
    void whatWasAppendedIsThereAfterReopening() throws IOException {
        try (var log = open(LogSettings.defaults().withSegmentBytes(5000))) {
            fill(log, 300);
        }

        try (var log = open(LogSettings.defaults().withSegmentBytes(5000))) {
            assertThat(log.recovery()).isEqualTo(RecoveryReport.CLEAN);
            assertThat(log.endOffset()).isEqualTo(300);
            assertThat(read(log.reader())).hasSize(300);
            fill(log, 10);
            assertThat(log.endOffset()).isEqualTo(310);
        }
    }

    @Test
    void aTornEndIsCutAtEveryByte() throws IOException {
        var settings = LogSettings.defaults();
        try (var log = open(settings)) {
            fill(log, 3);
        }
        var file = directory.resolve("00000000000000000000.log");
        var whole = Files.readAllBytes(file);
        int batchLength = whole.length / 3;
        for (int length = 0; length <= whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));

            try (var log = open(settings)) {
                assertThat(log.endOffset()).as("file cut to %d bytes", length).isEqualTo(length / batchLength);
                assertThat(log.recovery().cutBytes()).isEqualTo(length % batchLength);
                assertThat(read(log.reader())).hasSize(length / batchLength);
            }
        }
    }

    @Test
    void aDamagedBatchEndsThePrefixAndWhatLiesBehindIsReported() throws IOException {
        try (var log = open(LogSettings.defaults())) {
            fill(log, 3);
        }
        var file = directory.resolve("00000000000000000000.log");
        var bytes = Files.readAllBytes(file);
        int batchLength = bytes.length / 3;
        bytes[batchLength + RecordBatch.HEADER_LENGTH + 8] ^= 1;
        Files.write(file, bytes);

        try (var log = open(LogSettings.defaults())) {
            assertThat(log.endOffset()).isEqualTo(1);
            assertThat(log.recovery()).isEqualTo(new RecoveryReport(2L * batchLength, batchLength));
        }
    }

    @Test
    void damageBelowTheRecoveryPointIsRefused() throws IOException {
        try (var log = open(LogSettings.defaults())) {
            fill(log, 3);
            log.sync();
        }
        var file = directory.resolve("00000000000000000000.log");
        var bytes = Files.readAllBytes(file);
        bytes[RecordBatch.HEADER_LENGTH + 8] ^= 1;
        Files.write(file, bytes);

        assertThatThrownBy(() -> open(LogSettings.defaults()))
                .isInstanceOf(CorruptBatchException.class)
                .hasMessageContaining("the log was durable up to offset 3");
    }

    @Test
    void offsetsAreNotGivenTwiceWhenAPowerLossTookTheRecoveryPointOfASealedSegment() throws IOException {
        var settings = LogSettings.defaults();
        var meta = directory.resolve(LogMeta.FILE_NAME);
        try (var log = open(settings)) {
            fill(log, 10);
            var before = Files.readAllBytes(meta);
            log.rollOlder(Long.MAX_VALUE, Long.MAX_VALUE);
            for (var seal : log.takeSeals()) {
                seal.run();
            }
            Files.write(meta, before);
        }

        try (var log = open(settings)) {
            assertThat(log.deleteSegmentsBelow(10)).isZero();
            log.rollOlder(Long.MAX_VALUE, Long.MAX_VALUE);
            for (var seal : log.takeSeals()) {
                seal.run();
                log.onSealed(seal);
            }
            assertThat(log.deleteSegmentsBelow(10)).isEqualTo(1);
        }

        try (var log = open(settings)) {
            assertThat(log.endOffset()).isEqualTo(10);
        }
    }

    @Test
    void aSealThatEndsLateTakesNoRecoveryPointBack() throws IOException {
        var settings = LogSettings.defaults();
        try (var log = open(settings)) {
            fill(log, 10);
            log.rollOlder(Long.MAX_VALUE, Long.MAX_VALUE);
            var seals = log.takeSeals();
            fill(log, 5);
            log.sync();
            for (var seal : seals) {
                seal.run();
            }
        }

        try (var log = open(settings)) {
            assertThat(log.recoveryPoint()).isEqualTo(15);
        }
    }

    @Test
    void aSealThatEndsAfterTheLogWasClosedWritesNothing() throws IOException {
        var settings = LogSettings.defaults();
        List<SealTask> seals;
        try (var log = open(settings)) {
            fill(log, 10);
            log.rollOlder(Long.MAX_VALUE, Long.MAX_VALUE);
            seals = log.takeSeals();
        }
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                Files.delete(file);
            }
        }
        try (var another = open(settings)) {
            fill(another, 3);
        }

        for (var seal : seals) {
            seal.run();
        }

        try (var another = open(settings)) {
            assertThat(another.endOffset()).isEqualTo(3);
        }
    }

    @Test
    void sealedSegmentsAreTrustedAndDeletedWhenNobodyNeedsThem() throws IOException {
        var settings = LogSettings.defaults().withSegmentBytes(5000);
        try (var log = open(settings)) {
            fill(log, 300);
            for (var seal : log.takeSeals()) {
                seal.run();
                log.onSealed(seal);
            }

            assertThat(log.deleteSegmentsBelow(150)).isPositive();
            assertThat(log.startOffset()).isPositive().isLessThanOrEqualTo(150);
        }
        try (var log = open(settings)) {
            assertThat(read(log.reader())).hasSize((int) (300 - log.startOffset()));
        }
    }

    @Test
    void offsetsGoOnWhenEverySegmentWasDeleted() throws IOException {
        var settings = LogSettings.defaults().withSegmentBytes(100);
        try (var log = open(settings)) {
            fill(log, 3);
            log.sync();
        }
        for (long base = 0; base < 3; base++) {
            for (var suffix : List.of(".log", ".index", ".timeindex")) {
                Files.deleteIfExists(directory.resolve(Segment.fileName(base, suffix)));
            }
        }

        try (var log = open(settings)) {
            assertThat(log.startOffset()).isEqualTo(3);
            fill(log, 1);
            assertThat(log.endOffset()).isEqualTo(4);
        }
    }

    @Test
    void aFailureIsHeardOnce() throws IOException {
        var heard = new ArrayList<String>();
        var settings = LogSettings.defaults().withFailures(failure -> heard.add(failure.getMessage()));
        var files = new ForwardingFiles(new DiskFiles()) {
            private boolean broken;

            @Override
            protected LogFile opened(LogFile file) {
                return new ForwardingFile(file) {
                    @Override
                    public void write(ByteBuffer source, long position) throws IOException {
                        if (broken) {
                            throw new IOException("Input/output error");
                        }
                        super.write(source, position);
                    }
                };
            }
        };
        try (var log = PartitionLog.open(files, directory, settings)) {
            fill(log, 1);
            files.broken = true;

            assertThatThrownBy(() -> fill(log, 1)).isInstanceOf(LogFailedException.class);
            files.broken = false;
            assertThatThrownBy(() -> fill(log, 1)).isInstanceOf(LogFailedException.class);
        }

        assertThat(heard).containsExactly(directory + ": Input/output error");
    }

    @Test
    void recordsAreFoundByTime() throws IOException {
        try (var log = open(LogSettings.defaults().withSegmentBytes(5000))) {
            for (int i = 0; i < 300; i++) {
                add(log, 1000 + 10L * i, "record " + i);
                log.append();
            }

            assertThat(log.offsetAtOrAfter(0)).isZero();
            assertThat(log.offsetAtOrAfter(1000 + 10 * 123)).isEqualTo(123);
            assertThat(log.offsetAtOrAfter(1000 + 10 * 123 + 1)).isEqualTo(124);
            assertThat(log.offsetAtOrAfter(1_000_000)).isEqualTo(300);
        }
    }

    @Test
    void aBatchLargerThanTheTailIsWrittenAndRead() throws IOException {
        try (var log = open(LogSettings.defaults().withTailBytes(4096))) {
            for (int i = 0; i < 100; i++) {
                add(log, 1, "z".repeat(60_000));
            }
            log.append();

            assertThat(read(log.reader())).hasSize(100);
            log.releaseTail();
            assertThat(read(log.reader())).hasSize(100);
        }
    }

    @Test
    void aBitFlipIsNotDelivered() throws IOException {
        try (var log = open(LogSettings.defaults())) {
            fill(log, 3);
            log.releaseTail();
            var file = directory.resolve("00000000000000000000.log");
            var bytes = Files.readAllBytes(file);
            bytes[bytes.length / 3 + RecordBatch.HEADER_LENGTH + 8] ^= 4;
            Files.write(file, bytes, StandardOpenOption.WRITE);
            var reader = log.reader();
            assertThat(reader.next()).isTrue();

            assertThatThrownBy(reader::next).isInstanceOf(CorruptBatchException.class);
        }
    }

    private PartitionLog open(LogSettings settings) throws IOException {
        return PartitionLog.open(files, directory, settings);
    }

    private static void fill(PartitionLog log, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            add(log, 5, "a record of some length 0123456789 0123456789");
            log.append();
        }
    }

    private static void add(PartitionLog log, long timestampMs, String text) {
        var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        log.add(timestampMs, bytes, 0, bytes.remaining());
    }

    private static List<String> read(LogReader reader) throws IOException {
        var records = new ArrayList<String>();
        while (reader.next()) {
            records.add(reader.offset() + ": " + text(reader));
        }
        return records;
    }

    private static String text(LogReader reader) {
        var bytes = new byte[reader.length()];
        reader.buffer().get(reader.position(), bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
