package io.waystation.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.log.DiskFiles;
import io.waystation.log.LogReader;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DispatchTest {
    private static final ByteBuffer BODY = ByteBuffer.wrap(new byte[1]);

    @TempDir
    Path directory;

    private PartitionLog log;
    private Cursor cursor;
    private World world;

    @BeforeEach
    void open() throws IOException {
        log = PartitionLog.open(new DiskFiles(), directory, LogSettings.defaults());
        cursor = new Cursor(0, 0);
        world = new World();
    }

    @AfterEach
    void close() throws IOException {
        log.close();
    }

    /// Publishes messages with these keys; empty: none.
    private void publish(int count, String... keys) throws IOException {
        for (int i = 0; i < count; i++) {
            for (var key : keys) {
                var bytes = ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8));
                log.add(0, bytes, 0, key.isEmpty() ? -1 : bytes.limit(), BODY, 0, 1);
            }
            if (log.pendingCount() >= 100) {
                log.append();
            }
        }
        log.append();
    }

    private Dispatch dispatch(Delivery delivery) {
        var settings = new ChannelSettings(delivery, 0, 0, null, 0, RequeueBackoff.NONE);
        return Dispatch.of(settings, cursor, log, world.takers, world);
    }

    private Taker join(Dispatch dispatch, int window) {
        return join(dispatch, window, Proximity.ZONE);
    }

    private Taker join(Dispatch dispatch, int window, Proximity proximity) {
        var taker = new Taker(++world.lastOwner, window, proximity);
        world.takers.add(taker);
        dispatch.onJoined(taker);
        return taker;
    }

    private static void pump(Dispatch dispatch) throws IOException {
        while (dispatch.step()) {
            // each step moves one message
        }
    }

    @Test
    void theNearestWithRoomIsServedFirstAndTheEquallyNearTakeTurns() throws IOException {
        publish(6, "");
        var dispatch = dispatch(Delivery.SHARED);
        var elsewhere = join(dispatch, 9, Proximity.ELSEWHERE);
        var zone = join(dispatch, 1, Proximity.ZONE);
        var region = join(dispatch, 1, Proximity.REGION);
        var otherZone = join(dispatch, 2, Proximity.ZONE);

        pump(dispatch);

        assertThat(world.receivers).containsExactly(zone, otherZone, otherZone, region, elsewhere, elsewhere);
    }

    @Test
    void whereAllAreEquallyNearEverybodyHasATurn() throws IOException {
        publish(4, "");
        var dispatch = dispatch(Delivery.SHARED);
        var first = join(dispatch, 9, Proximity.ELSEWHERE);
        var second = join(dispatch, 9, Proximity.ELSEWHERE);

        pump(dispatch);

        assertThat(world.receivers).containsExactly(first, second, first, second);
    }

    @Test
    void newMessagesKeepTheirShareWhenAThousandConsumersLeaveAtOnce() throws IOException {
        publish(100_000, "");
        var dispatch = dispatch(Delivery.SHARED);
        for (int i = 0; i < 1_000; i++) {
            join(dispatch, 25);
        }
        pump(dispatch);
        assertThat(world.pushed).hasSize(25_000);
        for (var taker : List.copyOf(world.takers)) {
            world.takers.remove(taker);
            cursor.requeueAll(taker.owner);
        }
        world.pushed.clear();
        join(dispatch, 20_000);

        pump(dispatch);

        long fresh = world.pushed.stream().filter(offset -> offset >= 25_000).count();
        assertThat(fresh).isGreaterThanOrEqualTo(world.pushed.size() * 40L / 100);
        assertThat(world.pushed.size() - fresh).isGreaterThanOrEqualTo(world.pushed.size() * 40L / 100);
    }

    @Test
    void aHotKeyStopsNobodyElse() throws IOException {
        publish(50_000, "hot");
        publish(100, "a", "b", "c", "");
        var dispatch = dispatch(Delivery.KEY_SHARED);
        join(dispatch, 1_000);
        pump(dispatch);
        int rounds = 0;
        while (world.done < 400) {
            for (long offset : List.copyOf(world.pushed)) {
                if (offset > 0) {
                    world.pushed.remove(offset);
                    cursor.finish(offset, world.lastOwner);
                    dispatch.onFinished(offset);
                    world.takers.getFirst().held--;
                    world.done++;
                }
            }
            pump(dispatch);
            assertThat(rounds++).isLessThan(1_000);
        }

        assertThat(world.pushed).containsExactly(0L);
        assertThat(cursor.depth(log.endOffset())).isEqualTo(49_999);
    }

    @Test
    void aSlowConsumerStopsOnlyItsOwnKeys() throws IOException {
        var keys = new String[100];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = "key" + i;
        }
        publish(1, keys);
        var dispatch = dispatch(Delivery.KEY_SHARED);
        join(dispatch, 0);
        var quick = join(dispatch, 1_000);

        pump(dispatch);

        assertThat(quick.held).isBetween(20, 80);
        assertThat(cursor.next()).isEqualTo(100);
        assertThat(cursor.depth(100)).isEqualTo(100 - quick.held);
    }

    @Test
    void soManyDeadLettersAreUnderWayAtATimeAndNoMore() throws IOException {
        publish(1_000, "");
        var rules = new ChannelSettings(Delivery.SHARED, 0, 0, "dead", 1, RequeueBackoff.NONE);
        world.wallMs = 10_000;
        var dispatch = Dispatch.of(rules, cursor, log, world.takers, world);
        join(dispatch, 10);
        pump(dispatch);
        assertThat(world.letters).hasSize(Dispatch.MAX_LEAVING);
        assertThat(dispatch.sweep(1_000)).isFalse();

        int answered = 0;
        while (!world.letters.isEmpty()) {
            dispatch.onDeadLetterStored(cursor.generation(), world.letters.removeFirst(), 1);
            answered++;
            pump(dispatch);
        }

        assertThat(answered).isEqualTo(1_000);
        assertThat(cursor.floor()).isEqualTo(1_000);
        assertThat(world.pushed).isEmpty();
    }

    @Test
    void answersOfDeadLettersFromBeforeAnEmptyingChangeNothing() throws IOException {
        publish(10, "");
        var rules = new ChannelSettings(Delivery.SHARED, 0, 0, "dead", 1, RequeueBackoff.NONE);
        world.wallMs = 10_000;
        var dispatch = Dispatch.of(rules, cursor, log, world.takers, world);
        dispatch.sweep(5);
        int generation = cursor.generation();
        cursor.empty(5);
        dispatch.reset();

        dispatch.onDeadLetterStored(generation, 0, 1);
        dispatch.onDeadLetterRefused(generation, 1, 1);

        assertThat(cursor.floor()).isEqualTo(5);
        assertThat(cursor.queuedCount()).isZero();
        assertThat(dispatch.isDrained()).isTrue();
    }

    @Test
    void readingStopsAtTheLimitOfUnfinishedMessagesAndGoesOnBelowIt() throws IOException {
        cursor = new Cursor(0, 0, 50);
        publish(100, "hot");
        var dispatch = dispatch(Delivery.KEY_SHARED);
        join(dispatch, 10);
        pump(dispatch);
        assertThat(cursor.next()).isEqualTo(50);

        cursor.finish(0, world.lastOwner);
        dispatch.onFinished(0);
        world.takers.getFirst().held--;
        pump(dispatch);

        assertThat(cursor.next()).isEqualTo(51);
        assertThat(world.pushed).containsExactly(0L, 1L);
    }

    @Test
    void whatWaitsInLanesAndWithoutAKeyIsForgottenToo() throws IOException {
        publish(10, "hot", "");
        var dispatch = dispatch(Delivery.KEY_SHARED);
        var taker = join(dispatch, 11);
        pump(dispatch);
        assertThat(world.pushed).containsExactly(0L, 1L, 3L, 5L, 7L, 9L, 11L, 13L, 15L, 17L, 19L);
        world.takers.remove(taker);
        dispatch.onLeft(taker);
        cursor.requeueAll(taker.owner);
        world.pushed.clear();
        taker.held = 11;
        join(dispatch, 1);
        dispatch.step();
        pump(dispatch);
        assertThat(world.pushed).hasSize(1);

        long forgotten = dispatch.forget(16, 1_000);

        long inFlight = world.pushed.getFirst() < 16 ? 1 : 0;
        assertThat(forgotten).isEqualTo(16 - inFlight);
        assertThat(cursor.depth(log.endOffset())).isEqualTo(20 - forgotten - 1);
        assertThat(dispatch.forget(16, 1_000)).isZero();
    }

    @Test
    void forgettingStopsAtWhatIsDeferredInALaneAndTakesItOnceItsTimeHasCome() throws IOException {
        publish(3, "k");
        for (long offset = 0; offset < 3; offset++) {
            cursor.deliver(offset, 1, 0, 1_000);
            cursor.requeue(offset, 1, 0, offset == 1 ? 0 : 500);
        }
        var dispatch = dispatch(Delivery.KEY_SHARED);
        pump(dispatch);
        assertThat(dispatch.forget(3, 10)).isZero();

        cursor.expire(500, (_, _, _) -> 0);
        assertThat(dispatch.forget(3, 10)).isEqualTo(3);

        pump(dispatch);
        assertThat(cursor.floor()).isEqualTo(3);
    }

    @Test
    void laneWaitsForItsDeferredMessageAndOthersDoNot() throws IOException {
        publish(1, "k", "other", "k");
        cursor.deliver(0, 1, 0, 1_000);
        cursor.requeue(0, 1, 0, 500);
        var dispatch = dispatch(Delivery.KEY_SHARED);
        join(dispatch, 10);
        pump(dispatch);
        assertThat(world.pushed).containsExactly(1L);

        cursor.expire(500, (_, _, _) -> 0);
        pump(dispatch);
        cursor.finish(0, world.lastOwner);
        dispatch.onFinished(0);
        pump(dispatch);

        assertThat(world.pushed).containsExactly(1L, 0L, 2L);
    }

    private static final class Taker implements Recipient {
        final int owner;
        final int window;
        final Proximity proximity;
        int held;

        Taker(int owner, int window, Proximity proximity) {
            this.owner = owner;
            this.window = window;
            this.proximity = proximity;
        }

        @Override
        public int owner() {
            return owner;
        }

        @Override
        public boolean isReady() {
            return held < window;
        }

        @Override
        public Proximity proximity() {
            return proximity;
        }
    }

    private final class World implements Outlet {
        final List<Taker> takers = new ArrayList<>();
        final List<Long> pushed = new ArrayList<>();
        final List<Taker> receivers = new ArrayList<>();
        final List<Long> letters = new ArrayList<>();
        int lastOwner;
        int done;
        long wallMs;

        @Override
        public long endOffset() {
            return log.endOffset();
        }

        @Override
        public long nowMs() {
            return 0;
        }

        @Override
        public long wallMs() {
            return wallMs;
        }

        @Override
        public boolean isPassedOver(long offset, LogReader record) {
            return false;
        }

        @Override
        public boolean push(Recipient recipient, long offset, LogReader record) {
            cursor.deliver(offset, recipient.owner(), 0, 1_000);
            ((Taker) recipient).held++;
            receivers.add((Taker) recipient);
            pushed.add(offset);
            return true;
        }

        @Override
        public void onCursorChanged() {}

        @Override
        public boolean writeCursor() {
            return true;
        }

        @Override
        public void onDropped(long offset, Retirement reason, int attempts) {
            throw new AssertionError("offset " + offset + " is dropped without a rule");
        }

        @Override
        public void sendDeadLetter(long offset, LogReader record, Retirement reason, int attempts) {
            letters.add(offset);
        }

        @Override
        public void onRecordGone(long offset) {
            throw new AssertionError("offset " + offset + " is gone");
        }
    }
}
