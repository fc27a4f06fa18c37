package io.waystation.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.log.DiskFiles;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CursorLogTest {
    private static final int OWNER = 7;
    private static final long WALL_MS = 1_700_000_000_000L;
    private static final long HOUR_MS = 3_600_000;
    private static final TimeoutListener NOBODY = (_, _, _) -> 0;

    @TempDir
    Path directory;

    private final DiskFiles files = new DiskFiles();
    private final LogSettings logSettings = LogSettings.defaults();
    private PartitionLog partition;
    private CursorLog cursors;
    /// When the process begins.
    private Moment opened = at(0);

    @BeforeEach
    void open() throws IOException {
        partition = PartitionLog.open(files, directory, logSettings);
        publish(1_000);
        cursors = openCursors();
    }

    @AfterEach
    void close() throws IOException {
        cursors.close();
        partition.close();
    }

    @Test
    void createdChannelIsThereAfterACrash() throws IOException {
        cursors.createChannel("c", 40);

        crash();

        assertThat(cursors.channels()).containsOnlyKeys("c");
        assertThat(cursor("c").next()).isEqualTo(40);
        assertThat(cursor("c").generation()).isZero();
    }

    @Test
    void deletedChannelIsGoneAfterACrashAndItsSuccessorHasAnotherGeneration() throws IOException {
        cursors.createChannel("c", 40);
        cursors.deleteChannel("c");

        crash();
        assertThat(cursors.channels()).isEmpty();
        cursors.createChannel("c", 50);

        assertThat(cursor("c").generation()).isEqualTo(1);
    }

    @Test
    void ephemeralChannelIsForgotten() throws IOException {
        cursors.createChannel("c#ephemeral", 0);
        cursors.setPaused("c#ephemeral", true);
        deliver("c#ephemeral", 5);
        cursors.writeDeltas(at(1_000), true);

        crash();

        assertThat(cursors.channels()).isEmpty();
        assertThat(cursors.log().endOffset()).isZero();
    }

    @Test
    void whatWasFinishedBeforeTheDeltaDoesNotComeBack() throws IOException {
        cursors.createChannel("c", 0);
        deliver("c", 10);
        finish("c", 0, 1, 2, 5, 7);
        cursors.writeDeltas(at(1_000), false);
        finish("c", 3);

        crash();

        assertThat(cursor("c").floor()).isEqualTo(3);
        assertThat(cursor("c").next()).isEqualTo(10);
        assertThat(redeliveries("c")).containsExactly(3L, 4L, 6L, 8L, 9L);
    }

    @Test
    void deltaWaitsForItsInterval() throws IOException {
        cursors.createChannel("c", 0);
        deliver("c", 10);
        cursors.writeDeltas(at(1_000), false);
        long end = cursors.log().endOffset();
        finish("c", 0);

        cursors.writeDeltas(at(1_100), false);
        assertThat(cursors.log().endOffset()).isEqualTo(end);
        cursors.writeDeltas(at(1_200), false);

        assertThat(cursors.log().endOffset()).isEqualTo(end + 1);
    }

    @Test
    void attemptsSurviveACrash() throws IOException {
        cursors.createChannel("c", 0);
        deliver("c", 3);
        cursor("c").requeue(1, OWNER, 0, 0);
        cursor("c").deliver(cursor("c").pollRedelivery(), OWNER, 0, 1_000);
        cursors.writeDeltas(at(1_000), true);

        crash();

        var attempts = new ArrayList<Integer>();
        for (long offset = 0; offset < 3; offset++) {
            attempts.add(cursor("c").deliver(cursor("c").pollRedelivery(), OWNER, 0, 1_000));
        }
        assertThat(attempts).containsExactly(2, 3, 2);
    }

    @Test
    void delayGoesOnWhileNoProcessRuns() throws IOException {
        cursors.createChannel("c", 0);
        deliver("c", 3);
        cursor("c").requeue(1, OWNER, 0, HOUR_MS);
        cursors.writeDeltas(at(1_000), true);
        opened = new Moment(-50_000_000, WALL_MS + 600_000);

        crash();

        assertThat(cursor("c").deferredCount()).isEqualTo(1);
        assertThat(redeliveries("c")).containsExactly(0L, 2L);
        assertThat(cursor("c").nextDeadlineMs()).isEqualTo(-50_000_000 + 3_000_000);
        assertThat(cursor("c").attempts(1)).isEqualTo(1);
    }

    @Test
    void delayThatEndedMeanwhileIsOver() throws IOException {
        cursors.createChannel("c", 0);
        deliver("c", 2);
        cursor("c").requeue(0, OWNER, 0, HOUR_MS);
        cursor("c").requeue(1, OWNER, 0, HOUR_MS + 1);
        cursors.writeDeltas(at(1_000), true);
        opened = at(HOUR_MS);

        crash();

        assertThat(redeliveries("c")).containsExactly(0L);
        assertThat(cursor("c").deferredForMs(1, HOUR_MS)).isEqualTo(1);
    }

    @Test
    void clockThatWasSetBackMakesNobodyWaitLongerThanWasLeftAndThatLasts() throws IOException {
        cursors.createChannel("c", 0);
        deliver("c", 1);
        cursor("c").requeue(0, OWNER, 0, HOUR_MS);
        cursors.writeDeltas(at(600_000), true);
        opened = new Moment(0, WALL_MS - 10 * HOUR_MS);
        crash();
        assertThat(cursor("c").deferredForMs(0, 0)).isEqualTo(3_000_000);
        cursors.writeDeltas(new Moment(1_000_000, WALL_MS - 10 * HOUR_MS + 1_000_000), false);
        opened = new Moment(0, WALL_MS - 10 * HOUR_MS + 1_500_000);

        crash();

        assertThat(cursor("c").deferredForMs(0, 0)).isEqualTo(1_500_000);
    }

    @Test
    void messageDeliveredSinceItsDelayIsNotDeferredThoughTheClockSaysSo() throws IOException {
        cursors.createChannel("c", 0);
        deliver("c", 1);
        cursor("c").requeue(0, OWNER, 0, 500);
        cursors.writeDeltas(at(0), true);
        cursor("c").expire(500, NOBODY);
        cursor("c").deliver(cursor("c").pollRedelivery(), OWNER, 500, 5_000);
        cursors.writeDeltas(at(500), true);

        crash();

        assertThat(redeliveries("c")).containsExactly(0L);
    }

    @Test
    void delayOfABackoffIsKept() throws IOException {
        cursors.createChannel("c", 0);
        deliver("c", 1);
        cursor("c").expire(1_000, (_, _, _) -> HOUR_MS);
        cursors.writeDeltas(at(1_000), true);
        opened = at(2_000);

        crash();

        assertThat(cursor("c").nextDeadlineMs()).isEqualTo(1_000 + HOUR_MS);
    }

    @Test
    void delaysOfMoreMessagesThanAreListedAreKept() throws IOException {
        int count = Changes.MAX_DEFERRALS + 10;
        publish(count);
        cursors.createChannel("c", 0);
        deliver("c", count);
        for (long offset = 0; offset < count; offset++) {
            unchecked("c").requeue(offset, OWNER, 0, HOUR_MS + offset);
        }
        cursors.writeDeltas(at(0), true);

        crash();

        assertThat(cursor("c").deferredCount()).isEqualTo(count);
        assertThat(cursor("c").deferredForMs(count - 1, 0)).isEqualTo(HOUR_MS + count - 1);
    }

    @Test
    void seekForgetsDelays() throws IOException {
        cursors.createChannel("c", 0);
        deliver("c", 3);
        cursor("c").requeue(1, OWNER, 0, HOUR_MS);
        cursors.writeDeltas(at(0), true);
        cursors.seek("c", 0);
        deliver("c", 3);
        cursors.writeDeltas(at(500), true);

        crash();

        assertThat(cursor("c").deferredCount()).isZero();
        assertThat(redeliveries("c")).containsExactly(0L, 1L, 2L);
    }

    @Test
    void channelsWithoutDelaysWriteNothingAboutThem() throws IOException {
        cursors.createChannel("c", 0);
        deliver("c", 3);
        finish("c", 0);
        cursor("c").requeue(1, OWNER, 0, 0);
        long before = cursors.log().endOffset();

        cursors.writeDeltas(at(1_000), true);

        assertThat(cursors.log().endOffset()).isEqualTo(before + 1);
    }

    @Test
    void earlierReleasesMayPassOverDelaysAndKnowEverythingElse() throws IOException {
        cursors.createChannel("c", 0);
        deliver("c", 3);
        finish("c", 0);
        cursor("c").requeue(1, OWNER, 0, HOUR_MS);
        cursors.writeDeltas(at(1_000), true);
        cursors.seek("c", 5);
        cursors.deleteChannel("c");

        var unknown = new ArrayList<Integer>();
        try (var reader = cursors.log().reader()) {
            while (reader.next()) {
                var record = reader.buffer().slice(reader.position(), reader.length());
                assertThat(record.get(0)).isEqualTo((byte) 1);
                if (record.get(2) == CursorRecord.SKIPPABLE) {
                    unknown.add((int) record.get(1));
                } else {
                    assertThat(record.get(1)).isLessThanOrEqualTo((byte) CursorRecord.CHECKPOINT);
                }
            }
        }

        assertThat(unknown).containsExactly(CursorRecord.DEFERRALS);
    }

    @Test
    void propertiesSurviveACrash() throws IOException {
        cursors.createChannel("c", 0);
        cursors.createChannel("d", 0);
        cursors.setPaused("c", true);
        cursors.setPaused("d", true);
        cursors.setPaused("d", false);
        cursors.setOwner("c", new Owner("u-1", "shop/orders"));
        cursors.setTopicPaused(true);
        cursors.setTopicOwner(new Owner("u-2", "shop/topic"));
        cursors.setTopic("retention", "7d");

        crash();

        assertThat(cursors.paused("c")).isTrue();
        assertThat(cursors.paused("d")).isFalse();
        assertThat(cursors.owner("c")).isEqualTo(new Owner("u-1", "shop/orders"));
        assertThat(cursors.owner("d")).isNull();
        assertThat(cursors.topicPaused()).isTrue();
        assertThat(cursors.topicOwner()).isEqualTo(new Owner("u-2", "shop/topic"));
        assertThat(cursors.topicProperty("retention")).isEqualTo("7d");
    }

    @Test
    void emptyAndSeekLast() throws IOException {
        cursors.createChannel("emptied", 0);
        cursors.createChannel("sought", 0);
        deliver("emptied", 10);
        deliver("sought", 10);
        cursors.writeDeltas(at(1_000), true);

        cursors.empty("emptied", 1_000, 77);
        cursors.seek("sought", 4);
        crash();

        assertThat(cursor("emptied").floor()).isEqualTo(1_000);
        assertThat(cursor("emptied").generation()).isEqualTo(1);
        assertThat(cursor("sought").next()).isEqualTo(4);
        assertThat(redeliveries("sought")).isEmpty();
    }

    @Test
    void rulesAndTheMarkOfAnEmptiedChannelLast() throws IOException {
        var rules = new ChannelSettings(Delivery.EXCLUSIVE, 0, 3, "dead", 0, RequeueBackoff.NONE);
        cursors.createChannel("c", 0);
        cursors.createChannel("plain", 0);
        cursors.setSettings("c", rules);
        cursors.empty("c", 0, 77);
        crash();
        assertThat(cursors.settings("c")).isEqualTo(rules);
        assertThat(cursors.skipDeferredBeforeMs("c")).isEqualTo(77);
        assertThat(cursors.settings("plain")).isEqualTo(ChannelSettings.DEFAULT);
        assertThat(cursors.skipDeferredBeforeMs("plain")).isEqualTo(Long.MIN_VALUE);

        cursors.setSettings("c", ChannelSettings.DEFAULT);
        crash();

        assertThat(cursors.settings("c")).isEqualTo(ChannelSettings.DEFAULT);
        assertThat(cursors.skipDeferredBeforeMs("c")).isEqualTo(77);
    }

    @Test
    void oneChannelsDeltaNeedNotBeDue() throws IOException {
        cursors.createChannel("urgent", 0);
        cursors.createChannel("other", 0);
        deliver("urgent", 10);
        deliver("other", 10);
        finish("urgent", 0);
        finish("other", 0);

        cursors.writeDelta("urgent", at(0));
        crash();

        assertThat(cursor("urgent").floor()).isEqualTo(1);
        assertThat(cursor("other").floor()).isZero();
    }

    @Test
    void checkpointsKeepTheLogShort() throws IOException {
        cursors.createChannel("busy", 0);
        cursors.createChannel("idle", 0);
        cursors.setPaused("idle", true);
        cursors.setTopicPaused(true);
        publish(199_000);
        deliver("idle", 3);
        finish("idle", 1);
        deliver("busy", 200_000);
        long nowMs = 0;
        for (long offset = 0; offset < 200_000; offset += 2) {
            finish("busy", offset);
            if (offset % 250 == 0) {
                nowMs += 1_000;
                cursors.writeDeltas(at(nowMs), false);
                seal();
            }
        }
        cursors.writeDeltas(at(nowMs), true);

        assertThat(cursors.log().startOffset()).isPositive();
        assertThat(cursors.log().sizeBytes()).isLessThan(8 * 1024 * 1024);
        crash();

        assertThat(cursor("busy").floor()).isEqualTo(1);
        assertThat(cursor("busy").queuedCount()).isEqualTo(100_000);
        assertThat(redeliveries("busy")).allMatch(offset -> offset % 2 == 1);
        assertThat(redeliveries("idle")).containsExactly(0L, 2L);
        assertThat(cursors.paused("idle")).isTrue();
        assertThat(cursors.topicPaused()).isTrue();
    }

    @Test
    void cursorAheadOfTheLogIsSetBackUnderANewGeneration() throws IOException {
        cursors.createChannel("c", 0);
        deliver("c", 10);
        finish("c", 0, 2, 9);
        cursors.writeDeltas(at(1_000), true);
        cursors.close();
        partition.close();

        partition = PartitionLog.open(files, directory.resolve("shorter"), logSettings);
        publish(5);
        cursors = openCursors();

        assertThat(cursor("c").next()).isEqualTo(5);
        assertThat(cursor("c").generation()).isEqualTo(1);
        assertThat(redeliveries("c")).containsExactly(1L, 3L, 4L);
    }

    @Test
    void recordOfALaterReleaseIsRefusedUnlessItIsSkippable() throws IOException {
        byte[] skippable = {CursorRecord.VERSION + 1, 99, CursorRecord.SKIPPABLE, 1, 2, 3};
        cursors.log().add(0, ByteBuffer.wrap(skippable), 0, skippable.length);
        cursors.log().append();
        crash();
        byte[] binding = {CursorRecord.VERSION, 99, 0};
        cursors.log().add(0, ByteBuffer.wrap(binding), 0, binding.length);
        cursors.log().append();
        cursors.close();

        assertThatThrownBy(this::openCursors)
                .hasMessageContaining("offset 1")
                .hasMessageContaining("type 99")
                .hasMessageContaining("later release");
    }

    private void seal() throws IOException {
        for (var task : cursors.log().takeSeals()) {
            task.run();
            cursors.log().onSealed(task);
        }
    }

    private void publish(int count) throws IOException {
        var body = ByteBuffer.wrap(new byte[1]);
        for (int i = 0; i < count; i++) {
            partition.add(0, body, 0, 1);
        }
        partition.append();
    }

    private CursorLog openCursors() throws IOException {
        return CursorLog.open(
                files, directory.resolve("cursors"), partition, CursorLogSettings.of(logSettings), opened);
    }

    private static Moment at(long nowMs) {
        return new Moment(nowMs, WALL_MS + nowMs);
    }

    private void crash() throws IOException {
        cursors.close();
        cursors = openCursors();
    }

    private Cursor cursor(String channel) {
        var cursor = unchecked(channel);
        CursorValidity.check(cursor);
        return cursor;
    }

    private Cursor unchecked(String channel) {
        var cursor = cursors.channels().get(channel);
        if (cursor == null) {
            throw new AssertionError("no channel " + channel);
        }
        return cursor;
    }

    private void deliver(String channel, int count) {
        var cursor = cursor(channel);
        for (int i = 0; i < count; i++) {
            cursor.deliver(cursor.next(), OWNER, 0, 1_000);
        }
        cursor.expire(0, NOBODY);
    }

    private void finish(String channel, long... offsets) {
        var cursor = unchecked(channel);
        for (long offset : offsets) {
            assertThat(cursor.finish(offset, OWNER)).isEqualTo(Outcome.DONE);
        }
    }

    private List<Long> redeliveries(String channel) {
        var offsets = new ArrayList<Long>();
        var cursor = cursor(channel);
        for (long offset = cursor.pollRedelivery(); offset >= 0; offset = cursor.pollRedelivery()) {
            offsets.add(offset);
        }
        offsets.reversed().forEach(cursor::putBack);
        return offsets;
    }
}
