package io.waystation.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A log of which two batches were flushed and a third was not, damaged at every byte.
class FlushMarkTest {
    private static final String SEGMENT = Segment.fileName(0, Segment.LOG_SUFFIX);

    @TempDir
    Path directory;

    private Map<String, byte[]> whole = Map.of();
    private List<String> records = List.of();
    private int flushedBytes;

    @BeforeEach
    void write() throws IOException {
        try (var log = open()) {
            append(log, "first");
            flush(log);
            append(log, "second");
            flush(log);
            flushedBytes = (int) Files.size(directory.resolve(SEGMENT));
            append(log, "third");
            records = LogBytes.records(log);
        }
        whole = LogBytes.read(directory);
    }

    private PartitionLog open() throws IOException {
        return PartitionLog.open(new DiskFiles(), directory, LogSettings.defaults());
    }

    private static void append(PartitionLog log, String text) throws IOException {
        LogBytes.add(log, 100, text);
        log.append();
    }

    private static void flush(PartitionLog log) throws IOException {
        var task = log.takeFlush();
        if (task == null) {
            throw new AssertionError("nothing to flush");
        }
        task.run();
        task.completed();
    }

    private byte[] bytes(String file) {
        var bytes = whole.get(file);
        if (bytes == null) {
            throw new AssertionError("no file " + file + " among " + whole.keySet());
        }
        return bytes;
    }

    private void damage(String file, byte[] bytes) throws IOException {
        LogBytes.write(directory, whole);
        Files.write(directory.resolve(file), bytes);
    }

    @Test
    void aFlipBelowTheMarkIsRefusedAndTheFilesStay() throws IOException {
        for (int at = 0; at < flushedBytes; at++) {
            damage(SEGMENT, LogBytes.flipped(bytes(SEGMENT), at, 0x01));
            var before = LogBytes.read(directory);

            assertThatThrownBy(this::open)
                    .as("byte %d", at)
                    .isInstanceOf(CorruptBatchException.class)
                    .hasMessageContaining(SEGMENT)
                    .hasMessageContaining("durable up to offset 2");

            assertThat(LogBytes.read(directory)).as("byte %d", at).containsExactlyInAnyOrderEntriesOf(before);
        }
    }

    @Test
    void aFlipAboveTheMarkIsCutLikeATornEnd() throws IOException {
        for (int at = flushedBytes; at < bytes(SEGMENT).length; at++) {
            damage(SEGMENT, LogBytes.flipped(bytes(SEGMENT), at, 0x01));

            try (var log = open()) {
                assertThat(LogBytes.records(log)).as("byte %d", at).isEqualTo(records.subList(0, 2));
                assertThat(log.recovery().isClean()).isFalse();
            }
        }
    }

    @Test
    void aFileThatEndsBelowTheMarkIsRefused() throws IOException {
        for (int length = 0; length < flushedBytes; length++) {
            damage(SEGMENT, Arrays.copyOf(bytes(SEGMENT), length));

            assertThatThrownBy(this::open).as("cut to %d", length).isInstanceOf(CorruptBatchException.class);
        }
    }

    @Test
    void aSegmentThatIsMissingBelowTheMarkIsRefused() throws IOException {
        Files.delete(directory.resolve(SEGMENT));

        assertThatThrownBy(this::open)
                .isInstanceOf(CorruptBatchException.class)
                .hasMessageContaining("durable up to 2");
    }

    @Test
    void aDamagedMarkSaysNothing() throws IOException {
        var mark = bytes(FlushMark.FILE_NAME);
        for (int at = 0; at < mark.length; at++) {
            damage(FlushMark.FILE_NAME, LogBytes.flipped(mark, at, 0x01));
            expectEverything("flipped at " + at);
            damage(FlushMark.FILE_NAME, Arrays.copyOf(mark, at));
            expectEverything("cut to " + at);
        }
    }

    /// And the mark is right again.
    private void expectEverything(String damage) throws IOException {
        try (var log = open()) {
            assertThat(LogBytes.records(log)).as(damage).isEqualTo(records);
        }
        assertThat(FlushMark.read(new DiskFiles(), directory, id())).as(damage).isEqualTo(3);
    }

    private UUID id() throws IOException {
        return Objects.requireNonNull(LogMeta.read(new DiskFiles(), directory)).id();
    }

    @Test
    void theMarkOfAnotherLogSaysNothing() throws IOException {
        FlushMark.write(new DiskFiles(), directory, UUID.randomUUID(), 1_000);

        expectEverything("mark of another log");
    }

    @Test
    void whatTheMarkCoversIsNotFlushedAgain() throws IOException {
        open().close();
        var marked = LogBytes.read(directory);
        var syncs = new SyncCount();

        PartitionLog.open(syncs, directory, LogSettings.defaults()).close();

        assertThat(syncs.count).isZero();
        assertThat(LogBytes.read(directory)).containsExactlyInAnyOrderEntriesOf(marked);
    }

    @Test
    void aLogThatWasNeverFlushedIsNotFlushedByOpeningIt() throws IOException {
        Files.delete(directory.resolve(FlushMark.FILE_NAME));
        var syncs = new SyncCount();

        PartitionLog.open(syncs, directory, LogSettings.defaults()).close();

        assertThat(syncs.count).isZero();
        assertThat(directory.resolve(FlushMark.FILE_NAME)).doesNotExist();
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aFlushEndsThoughAShorterLogWasMadeInThePlaceOfItsOwn() throws IOException {
        Files.delete(directory.resolve(FlushMark.FILE_NAME));
        try (var log = open()) {
            var flush = Objects.requireNonNull(log.takeFlush());
            Files.write(directory.resolve(SEGMENT), new byte[10]);

            flush.run();

            assertThat(directory.resolve(SEGMENT)).hasSize(10);
        }
    }

    private static final class SyncCount extends ForwardingFiles {
        int count;

        SyncCount() {
            super(new DiskFiles());
        }

        @Override
        public void syncExisting(Path path) throws IOException {
            count++;
            super.syncExisting(path);
        }
    }
}
