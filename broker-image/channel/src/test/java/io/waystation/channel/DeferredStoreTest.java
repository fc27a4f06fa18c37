package io.waystation.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.log.DiskFiles;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import io.waystation.log.RecordHeaders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeferredStoreTest {
    private static final long NOW_MS = 1_700_000_000_000L;
    private static final long DAY_MS = 24 * DeferredStore.HOUR_MS;

    @TempDir
    Path directory;

    private final DiskFiles files = new DiskFiles();
    private final LogSettings settings = LogSettings.defaults();
    private int maxWaiting = DeferredBucket.MAX_WAITING;
    private PartitionLog log;
    private DeferredStore store;

    @BeforeEach
    void open() throws IOException {
        log = PartitionLog.open(files, directory, settings);
        store = openStore(NOW_MS);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        log.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {500, 30 * DeferredStore.MINUTE_MS, 5 * DeferredStore.HOUR_MS, 40 * DAY_MS})
    void whatWasDeferredSaysSinceWhenItCouldBeDelivered(long delayMs) throws IOException {
        long dueMs = NOW_MS + delayMs;
        add(dueMs, "a");
        fireAll(dueMs);

        try (var reader = log.reader()) {
            assertThat(reader.next()).isTrue();
            assertThat(DeferredStore.isDeferred(reader)).isTrue();
            assertThat(DeferredStore.availableSinceMs(reader)).isEqualTo(dueMs);
        }
    }

    @Test
    void messageIsAppendedWhenItIsDueAndNotBefore() throws IOException {
        add(NOW_MS + 500, "a");

        assertThat(store.nextDueMs()).isEqualTo(NOW_MS + 500);
        assertThat(store.fire(NOW_MS + 499)).isZero();
        assertThat(log.endOffset()).isZero();

        assertThat(store.fire(NOW_MS + 500)).isEqualTo(1);
        assertThat(logged()).containsExactly("a");
        assertThat(store.count()).isZero();
    }

    @Test
    void messageKeepsTheTimeOfItsPublish() throws IOException {
        add(NOW_MS + 500, "a");
        fireAll(NOW_MS + 500);

        try (var reader = log.reader()) {
            reader.next();

            assertThat(reader.timestampMs()).isEqualTo(NOW_MS);
        }
    }

    @Test
    void messageKeepsItsKeyAndHeadersAcrossARestart() throws IOException {
        var body = ByteBuffer.wrap("a".getBytes(StandardCharsets.UTF_8));
        store.add(
                NOW_MS + 500,
                NOW_MS,
                "key".getBytes(StandardCharsets.UTF_8),
                RecordHeaders.NONE.with("name", "value"),
                body,
                0,
                1);
        store.append();
        reopen(NOW_MS);
        fireAll(NOW_MS + 500);

        var reader = log.reader();
        assertThat(reader.next()).isTrue();
        var key = new byte[reader.keyLength()];
        reader.buffer().get(reader.keyPosition(), key);
        assertThat(key).isEqualTo("key".getBytes(StandardCharsets.UTF_8));
        assertThat(reader.headers().last("name"))
                .extracting(RecordHeaders.Header::text)
                .isEqualTo("value");
    }

    @Test
    void whatWasNotDeferredCouldBeDeliveredSinceItsPublish() throws IOException {
        log.add(NOW_MS, ByteBuffer.wrap(new byte[1]), 0, 1);
        log.append();

        try (var reader = log.reader()) {
            assertThat(reader.next()).isTrue();
            assertThat(DeferredStore.isDeferred(reader)).isFalse();
            assertThat(DeferredStore.availableSinceMs(reader)).isEqualTo(NOW_MS);
        }
    }

    @Test
    void messagesAreAppendedInTheOrderOfTheirDueTimes() throws IOException {
        add(NOW_MS + 3 * DeferredStore.HOUR_MS, "hours");
        add(NOW_MS + 90_000, "next minute");
        add(NOW_MS + 20, "second");
        add(NOW_MS + 10, "first");
        add(NOW_MS - 5, "at once");
        add(NOW_MS + 20, "third");

        fireAll(NOW_MS + DAY_MS);

        assertThat(logged()).containsExactly("at once", "first", "second", "third", "next minute", "hours");
    }

    @Test
    void messageOfNextWeekSurvivesRestarts() throws IOException {
        add(NOW_MS + 7 * DAY_MS, "a");
        for (int day = 0; day < 7; day++) {
            reopen(NOW_MS + day * DAY_MS);
            fireAll(NOW_MS + day * DAY_MS);
        }
        assertThat(log.endOffset()).isZero();
        assertThat(store.count()).isEqualTo(1);

        fireAll(NOW_MS + 7 * DAY_MS);

        assertThat(logged()).containsExactly("a");
    }

    @Test
    void restartFiresNothingTwice() throws IOException {
        for (int i = 0; i < 10; i++) {
            add(NOW_MS + 10L * i, "m" + i);
        }
        store.fire(NOW_MS + 35);

        reopen(NOW_MS + 35);
        fireAll(NOW_MS + 35);
        assertThat(logged()).containsExactly("m0", "m1", "m2", "m3");
        assertThat(store.count()).isEqualTo(6);
        fireAll(NOW_MS + 100);

        assertThat(logged()).hasSize(10).doesNotHaveDuplicates();
    }

    @Test
    void clockSetBackFiresNothingTwiceAndNothingEarly() throws IOException {
        add(NOW_MS + 10, "a");
        add(NOW_MS + 30, "b");
        store.fire(NOW_MS + 10);

        reopen(NOW_MS - DAY_MS);
        fireAll(NOW_MS - DAY_MS);
        fireAll(NOW_MS + 29);
        assertThat(logged()).containsExactly("a");
        fireAll(NOW_MS + 30);

        assertThat(logged()).containsExactly("a", "b");
    }

    @Test
    void batchThatTheLogLostFiresAgain() throws IOException {
        add(NOW_MS + 10, "a");
        add(NOW_MS + 20, "b");
        store.fire(NOW_MS + 10);
        store.fire(NOW_MS + 20);
        log.close();
        store.close();

        log = PartitionLog.open(files, directory.resolve("lost"), settings);
        store = openStore(NOW_MS + 30);
        fireAll(NOW_MS + 30);
        assertThat(logged()).containsExactly("a", "b");
        reopenStoreOnly(NOW_MS + 40);
        fireAll(NOW_MS + 40);

        assertThat(logged()).containsExactly("a", "b");
    }

    @Test
    void firingThatDidNotHappenIsForgottenByThoseAfterIt() throws IOException {
        add(NOW_MS + 10, "a");
        add(NOW_MS + 20, "b");
        store.fire(NOW_MS + 20);
        log.close();
        log = PartitionLog.open(files, directory.resolve("lost"), settings);
        reopenStoreOnly(NOW_MS + 15);
        fireAll(NOW_MS + 15);
        assertThat(logged()).containsExactly("a");

        reopenStoreOnly(NOW_MS + 20);
        fireAll(NOW_MS + 20);

        assertThat(logged()).containsExactly("a", "b");
    }

    @Test
    void bucketIsRemovedWhenAllOfItIsDurableInTheLog() throws IOException {
        add(NOW_MS + 10, "a");
        fireAll(NOW_MS + DeferredStore.MINUTE_MS);
        assertThat(bucketNames()).hasSize(1);

        log.sync();
        fireAll(NOW_MS + DeferredStore.MINUTE_MS);

        assertThat(bucketNames()).isEmpty();
        assertThat(store.nextDueMs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void bucketDoesNotWaitForDurabilityForEver() throws IOException {
        add(NOW_MS + 10, "a");
        fireAll(NOW_MS + 10);

        fireAll(store.nextDueMs());

        assertThat(bucketNames()).isEmpty();
        assertThat(log.recoveryPoint()).isEqualTo(1);
    }

    @Test
    void untilABucketThatFiredIsReadAgainItIsNotKnownWhatCameToTheLog() throws IOException {
        add(NOW_MS + 10, "a");
        add(NOW_MS + 40, "b");
        assertThat(store.knowsFirings()).isTrue();
        fireAll(NOW_MS + 10);
        assertThat(store.knowsFirings()).isTrue();

        reopen(NOW_MS + 20);

        assertThat(store.knowsFirings()).isFalse();
        fireAll(NOW_MS + 20);
        assertThat(store.knowsFirings()).isTrue();
    }

    @Test
    void clearMakesWhatHasFiredDurableBeforeItDropsTheRest() throws IOException {
        add(NOW_MS + 10, "a");
        fireAll(NOW_MS + 10);
        reopen(NOW_MS + 20);

        store.clear();

        assertThat(bucketNames()).isEmpty();
        assertThat(log.recoveryPoint()).isEqualTo(1);
    }

    @Test
    void clearDropsEverything() throws IOException {
        add(NOW_MS + 10, "a");
        add(NOW_MS + DAY_MS, "b");

        store.clear();
        reopen(NOW_MS);
        fireAll(NOW_MS + 2 * DAY_MS);

        assertThat(log.endOffset()).isZero();
        assertThat(bucketNames()).isEmpty();
    }

    @Test
    void bucketLargerThanItsMemoryFiresInOrder() throws IOException {
        maxWaiting = 10;
        reopen(NOW_MS);
        var random = new SplittableRandom(1);
        long startMs = (NOW_MS / DAY_MS + 2) * DAY_MS;
        var expected = new ArrayList<String>();
        for (int i = 0; i < 300; i++) {
            long dueMs = startMs + random.nextInt(1000);
            var body = String.format("%d %03d", dueMs, i);
            add(dueMs, body);
            expected.add(body);
        }
        expected.sort(null);

        for (int step = 0; step <= 10; step++) {
            fireAll(startMs + 100L * step);
            if (step % 3 == 0) {
                reopen(startMs + 100L * step);
            }
        }

        assertThat(logged()).containsExactlyElementsOf(expected);
    }

    @Test
    void directoryThatIsNoBucketIsRefused() throws IOException {
        Files.createDirectories(directory.resolve("deferred").resolve("elsewhere"));

        assertThatThrownBy(() -> openStore(NOW_MS)).hasMessageContaining("elsewhere is no bucket");
    }

    @Test
    void fireIsRefusedWhileTheLogHasAnOpenBatch() {
        log.add(NOW_MS, ByteBuffer.wrap(new byte[1]), 0, 1);

        assertThatThrownBy(() -> store.fire(NOW_MS)).hasMessageContaining("open batch of 1 records");
    }

    private void add(long dueMs, String body) throws IOException {
        var bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
        store.add(dueMs, NOW_MS, bytes, 0, bytes.limit());
        store.append();
    }

    private void fireAll(long nowMs) throws IOException {
        store.fire(nowMs);
        while (store.nextDueMs() <= nowMs) {
            store.fire(nowMs);
        }
    }

    private List<String> logged() throws IOException {
        var bodies = new ArrayList<String>();
        try (var reader = log.reader()) {
            while (reader.next()) {
                byte[] body = new byte[reader.length()];
                reader.buffer().get(reader.position(), body);
                bodies.add(new String(body, StandardCharsets.UTF_8));
            }
        }
        return bodies;
    }

    private List<String> bucketNames() throws IOException {
        return files.list(directory.resolve("deferred"));
    }

    private DeferredStore openStore(long nowMs) throws IOException {
        return DeferredStore.open(files, directory.resolve("deferred"), log, settings, maxWaiting, nowMs);
    }

    private void reopenStoreOnly(long nowMs) throws IOException {
        store.close();
        store = openStore(nowMs);
    }

    private void reopen(long nowMs) throws IOException {
        store.close();
        log.close();
        log = PartitionLog.open(files, directory, settings);
        store = openStore(nowMs);
    }
}
