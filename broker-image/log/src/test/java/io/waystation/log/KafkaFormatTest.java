package io.waystation.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.UUID;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The format as Kafka's own classes have it: they read what we write, and we read what they write.
class KafkaFormatTest {
    private static final long TIME_MS = 1_700_000_000_000L;

    @TempDir
    Path directory;

    private PartitionLog open() throws IOException {
        return PartitionLog.open(new DiskFiles(), directory, LogSettings.defaults());
    }

    private Path segment() {
        return directory.resolve(Segment.fileName(0, Segment.LOG_SUFFIX));
    }

    @Test
    void kafkaReadsWhatWeWrite() throws IOException {
        var written = new ArrayList<String>();
        try (var log = open()) {
            for (int batch = 0; batch < 20; batch++) {
                for (int i = 0; i <= batch; i++) {
                    long timeMs = TIME_MS + 1000L * batch - 7L * i;
                    var value = "v".repeat(batch * i) + written.size();
                    LogBytes.add(log, timeMs, value);
                    written.add(written.size() + " " + timeMs + " null " + value);
                }
                log.append();
            }
        }

        var read = new ArrayList<String>();
        try (var records = FileRecords.open(segment().toFile())) {
            for (var batch : records.batches()) {
                batch.ensureValid();
                assertThat(batch.magic()).isEqualTo((byte) 2);
                assertThat(batch.partitionLeaderEpoch()).isZero();
                assertThat(batch.hasProducerId()).isFalse();
                batch.forEach(record -> read.add(text(record)));
            }
            assertThat(records.sizeInBytes()).isEqualTo((int) Files.size(segment()));
        }

        assertThat(read).isEqualTo(written);
    }

    @Test
    void kafkaReadsKeysAndProducersOfOurs() throws IOException {
        var bytes = ByteBuffer.wrap("keyvalue".getBytes(StandardCharsets.US_ASCII));
        try (var log = open()) {
            log.add(TIME_MS, bytes, 0, 3, bytes, 3, 5);
            log.add(TIME_MS, bytes, 0, 0, bytes, 3, 0);
            log.append(77, (short) 3, 1234);
        }

        try (var records = FileRecords.open(segment().toFile())) {
            var batch = records.batches().iterator().next();

            assertThat(batch.isValid()).isTrue();
            assertThat(batch.producerId()).isEqualTo(77);
            assertThat(batch.producerEpoch()).isEqualTo((short) 3);
            assertThat(batch.baseSequence()).isEqualTo(1234);
            assertThat(batch.maxTimestamp()).isEqualTo(TIME_MS);
            assertThat(batch)
                    .extracting(KafkaFormatTest::text)
                    .containsExactly("0 1700000000000 key value", "1 1700000000000  ");
        }
    }

    @Test
    void weReadWhatKafkaWrites() throws IOException {
        var records = MemoryRecords.withRecords(
                0,
                Compression.NONE,
                0,
                new SimpleRecord(TIME_MS, null, bytes("first")),
                new SimpleRecord(TIME_MS - 5, bytes("key"), bytes("second")),
                new SimpleRecord(TIME_MS + 9, null, (byte[]) null),
                new SimpleRecord(TIME_MS + 9, bytes("k"), bytes("fourth"), new Header[] {
                    new RecordHeader("h", bytes("x")), new RecordHeader("n", (byte[]) null)
                }),
                new SimpleRecord(TIME_MS, null, bytes("fifth")));
        prepare(records);

        try (var log = open()) {
            assertThat(log.recovery()).isEqualTo(RecoveryReport.CLEAN);
            assertThat(LogBytes.records(log))
                    .containsExactly(
                            "0 1700000000000 first",
                            "1 1699999999995 second",
                            "2 1700000000009 ",
                            "3 1700000000009 fourth",
                            "4 1700000000000 fifth");
            assertThat(log.offsetAtOrAfter(TIME_MS + 1)).isEqualTo(2);
            LogBytes.add(log, TIME_MS + 20, "ours");
            assertThat(log.append()).isEqualTo(6);
        }
        try (var file = FileRecords.open(segment().toFile())) {
            assertThat(file.records()).extracting(Record::offset).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
        }
    }

    @Test
    void aCompressedBatchIsKeptAndRefusedByName() throws IOException {
        prepare(MemoryRecords.withRecords(
                0, Compression.gzip().build(), 0, new SimpleRecord(TIME_MS, null, bytes("packed"))));

        try (var log = open()) {
            assertThat(log.endOffset()).isEqualTo(1);
            assertThatThrownBy(() -> LogBytes.records(log))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is compressed");
        }
    }

    /// A log whose only segment is what Kafka wrote.
    private void prepare(MemoryRecords records) throws IOException {
        var files = new DiskFiles();
        Epochs.write(files, directory, 0, 0);
        new LogMeta(UUID.randomUUID(), 0).write(files, directory);
        var bytes = new byte[records.sizeInBytes()];
        records.buffer().get(bytes);
        Files.write(segment(), bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Record record) {
        return record.offset() + " " + record.timestamp() + " " + text(record.key()) + " " + text(record.value());
    }

    private static String text(@Nullable ByteBuffer bytes) {
        return bytes == null ? "null" : StandardCharsets.UTF_8.decode(bytes).toString();
    }
}
