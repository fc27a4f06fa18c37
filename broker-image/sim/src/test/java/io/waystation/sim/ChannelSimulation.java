package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.channel.Cursor;
import io.waystation.channel.CursorLog;
import io.waystation.channel.CursorLogSettings;
import io.waystation.channel.DeferredStore;
import io.waystation.channel.Moment;
import io.waystation.channel.Outcome;
import io.waystation.log.DiskFullException;
import io.waystation.log.FileStore;
import io.waystation.log.LogReader;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import io.waystation.log.SealTask;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One topic's log, channels and deferred messages on a disk that fails, used at random by producers and consumers, and
/// killed or cut off from power in the middle of any disk operation. After each step what is there is compared with
/// what was acknowledged.
final class ChannelSimulation {
    private static final Path DIRECTORY = Path.of("/topic");
    private static final int STEPS = 300;
    private static final int MESSAGE_BYTES = 24;
    private static final long TIMEOUT_MS = 2_000;

    private final SplittableRandom random;
    private final FaultyFiles files;
    private final UnaryOperator<FileStore> build;
    private final MessageLedger messages = new MessageLedger();
    private final Map<String, ChannelLedger> channels = new TreeMap<>();
    private final Map<Integer, String> consumers = new HashMap<>();
    private final LogSettings logSettings;
    private final CursorLogSettings cursorSettings;

    /// The two clocks have nothing to do with each other.
    private long nowMs;

    private long wallMs = 1_700_000_000_000L;
    private long highestWallMs = wallMs;
    private long lastId;
    private int lastOwner;

    private final Map<PartitionLog, ArrayDeque<SealTask>> rolled = new HashMap<>();
    private PartitionLog log;
    private CursorLog cursors;
    private DeferredStore deferred;

    /// What was asked for and not answered when the process ended.
    private @Nullable ChannelLedger creating;

    private @Nullable ChannelLedger seeking;
    private long seekOffset;

    /// What the running process sees of the files.
    private FileStore store;

    /// `build` is what each process puts between itself and the files, so that a broken one can be tried.
    ChannelSimulation(long seed, UnaryOperator<FileStore> build) throws IOException {
        this.build = build;
        random = new SplittableRandom(seed);
        files = new FaultyFiles(new SimDisk(random.nextLong()), random.split());
        nowMs = random.nextLong(-1_000_000, 1_000_000);
        logSettings = LogSettings.defaults().withTailBytes(4096).withSegmentBytes(500 + random.nextInt(5_000));
        cursorSettings = new CursorLogSettings(logSettings, 200, 20, 500 + random.nextInt(2_000));
        store = build.apply(files);
        log = PartitionLog.open(store, DIRECTORY, logSettings);
        cursors = openCursors();
        deferred = openDeferred();
    }

    private CursorLog openCursors() throws IOException {
        return CursorLog.open(store, DIRECTORY.resolve("cursors"), log, cursorSettings, new Moment(nowMs, wallMs));
    }

    private DeferredStore openDeferred() throws IOException {
        return DeferredStore.open(store, DIRECTORY.resolve("deferred"), log, logSettings, wallMs);
    }

    void run() throws IOException {
        for (int step = 0; step < STEPS; step++) {
            try {
                step();
            } catch (FaultyFiles.Crash crash) {
                restart(crash.powerLost());
            } catch (DiskFullException full) {
                assertThat(files.isFull()).isTrue();
            }
            check();
        }
        drain();
    }

    private void step() throws IOException {
        nowMs += random.nextInt(100);
        wallMs += random.nextInt(30) > 0 ? random.nextInt(100) : random.nextLong(-200_000, 1_000_000);
        highestWallMs = Math.max(highestWallMs, wallMs);
        int dice = random.nextInt(100);
        if (dice < 20) {
            publish();
        } else if (dice < 30) {
            publishDeferred();
        } else if (dice < 52) {
            deliver();
        } else if (dice < 70) {
            answer();
        } else if (dice < 84) {
            tick();
        } else if (dice < 87) {
            disconnect();
        } else if (dice < 90) {
            createOrChange();
        } else if (dice < 93) {
            sync();
        } else if (dice < 94) {
            files.full(!files.isFull());
        } else if (dice < 96) {
            retain();
        } else if (dice < 97) {
            reopenInOrder();
        } else {
            files.crashWithin(1 + random.nextInt(20), random.nextInt(2) == 0);
        }
    }

    // Producers

    private void publish() throws IOException {
        var batch = new ArrayList<MessageLedger.Message>();
        for (int i = random.nextInt(20); i >= 0; i--) {
            var message = messages.add(++lastId, Long.MIN_VALUE);
            batch.add(message);
            log.add(wallMs, body(message.id), 0, MESSAGE_BYTES);
        }
        try {
            log.append();
        } catch (DiskFullException full) {
            batch.forEach(messages::refused);
            throw full;
        }
        batch.forEach(message -> message.acknowledged = true);
        messages.appended(log, wallMs);
    }

    private void publishDeferred() throws IOException {
        var batch = new ArrayList<MessageLedger.Message>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            long delayMs = random.nextInt(5) == 0 ? random.nextLong(10_000_000) : random.nextLong(5_000);
            var message = messages.add(++lastId, wallMs + delayMs);
            batch.add(message);
            deferred.add(message.dueMs, wallMs, body(message.id), 0, MESSAGE_BYTES);
        }
        deferred.append();
        batch.forEach(message -> message.acknowledged = true);
    }

    private static ByteBuffer body(long id) {
        return ByteBuffer.allocate(MESSAGE_BYTES).putLong(0, id);
    }

    // Consumers

    private @Nullable ChannelLedger someChannel() {
        if (channels.isEmpty()) {
            return null;
        }
        return List.copyOf(channels.values()).get(random.nextInt(channels.size()));
    }

    private Cursor cursor(ChannelLedger channel) {
        var cursor = cursors.channels().get(channel.name);
        if (cursor == null) {
            throw new AssertionError("channel " + channel.name + " is gone");
        }
        return cursor;
    }

    private void deliver() throws IOException {
        var channel = someChannel();
        if (channel != null) {
            deliver(channel, 1 + random.nextInt(30));
        }
    }

    private void deliver(ChannelLedger channel, int count) throws IOException {
        var cursor = cursor(channel);
        int owner = consumer(channel);
        try (LogReader reader = log.reader()) {
            for (int i = 0; i < count; i++) {
                long offset = cursor.hasRedelivery() && random.nextBoolean() ? cursor.pollRedelivery() : cursor.next();
                if (offset >= log.endOffset()) {
                    return;
                }
                reader.seek(offset);
                assertThat(reader.next()).isTrue();
                assertThat(reader.offset()).isEqualTo(offset);
                int attempts = cursor.deliver(offset, owner, nowMs, nowMs + TIMEOUT_MS);
                var place = messages.place(offset);
                assertThat(reader.buffer().getLong(reader.position())).isEqualTo(place.id());
                channel.delivered(place, attempts);
            }
        }
    }

    private int consumer(ChannelLedger channel) {
        for (var entry : consumers.entrySet()) {
            if (entry.getValue().equals(channel.name) && random.nextInt(3) > 0) {
                return entry.getKey();
            }
        }
        consumers.put(++lastOwner, channel.name);
        return lastOwner;
    }

    /// FIN, REQ or TOUCH for offsets of which some are in flight.
    private void answer() {
        var channel = someChannel();
        if (channel == null) {
            return;
        }
        var cursor = cursor(channel);
        int finishPercent = random.nextInt(100);
        for (long offset = cursor.floor(); offset < cursor.next(); offset++) {
            for (int owner : consumers.keySet()) {
                int dice = random.nextInt(100);
                if (dice < finishPercent) {
                    if (cursor.finish(offset, owner) == Outcome.DONE) {
                        channel.finished(messages.place(offset));
                    }
                } else if (dice > 95) {
                    cursor.requeue(offset, owner, nowMs, nowMs + random.nextInt(3) * 500L);
                } else if (dice > 92) {
                    cursor.touch(offset, owner, nowMs, TIMEOUT_MS, 3 * TIMEOUT_MS);
                }
            }
        }
    }

    private void disconnect() {
        if (!consumers.isEmpty()) {
            int owner = List.copyOf(consumers.keySet()).get(random.nextInt(consumers.size()));
            var channel = channels.get(consumers.remove(owner));
            if (channel != null) {
                var cursor = cursor(channel);
                int inFlight = cursor.inFlightCount();
                int requeued = cursor.requeueAll(owner);
                assertThat(cursor.inFlightCount()).isEqualTo(inFlight - requeued);
            }
        }
    }

    // The broker

    private void tick() throws IOException {
        for (var channel : channels.values()) {
            var cursor = cursor(channel);
            if (cursor.nextDeadlineMs() <= nowMs) {
                cursor.expire(nowMs, (_, _, _) -> 0);
            }
        }
        fire();
        boolean all = random.nextBoolean();
        cursors.writeDeltas(new Moment(nowMs, wallMs), all);
        if (all) {
            channels.values().forEach(ChannelLedger::written);
        }
        seal();
    }

    private void fire() throws IOException {
        while (deferred.nextDueMs() <= wallMs) {
            deferred.fire(wallMs);
            messages.appended(log, wallMs);
        }
    }

    /// Seals are taken at once and run some time later, in their order.
    private void seal() throws IOException {
        var logs = new ArrayList<>(deferred.logs());
        logs.add(log);
        logs.add(cursors.log());
        for (var each : logs) {
            var waiting = rolled.computeIfAbsent(each, _ -> new ArrayDeque<>());
            waiting.addAll(each.takeSeals());
            if (!waiting.isEmpty() && random.nextBoolean()) {
                waiting.element().run();
                each.onSealed(waiting.remove());
            }
        }
    }

    private void sync() throws IOException {
        log.sync();
        deferred.sync();
        messages.durable(log.endOffset());
        cursors.log().sync();
        channels.values().forEach(ChannelLedger::durable);
    }

    private void retain() throws IOException {
        long done = log.endOffset();
        for (var channel : channels.values()) {
            done = Math.min(done, cursor(channel).floor());
        }
        if (!channels.isEmpty() && deferred.knowsFirings()) {
            log.deleteSegmentsBelow(done);
            messages.removedBelow(log.startOffset());
        }
    }

    private void createOrChange() throws IOException {
        if (channels.size() < 3) {
            create();
            return;
        }
        var channel = someChannel();
        if (channel == null) {
            return;
        }
        if (random.nextInt(3) > 0) {
            boolean paused = random.nextBoolean();
            cursors.setPaused(channel.name, paused);
            channel.paused = paused;
        } else {
            seek(channel);
        }
    }

    private void create() throws IOException {
        long floor = random.nextBoolean() ? log.startOffset() : log.endOffset();
        var channel = new ChannelLedger("c" + channels.size(), floor);
        creating = channel;
        cursors.createChannel(channel.name, floor);
        creating = null;
        channels.put(channel.name, channel);
    }

    private void seek(ChannelLedger channel) throws IOException {
        seekOffset = log.startOffset() + random.nextLong(log.endOffset() - log.startOffset() + 1);
        seeking = channel;
        cursors.seek(channel.name, seekOffset);
        seeking = null;
        channel.sought(seekOffset, cursor(channel).generation(), messages.places(0, seekOffset));
    }

    // The end of the process and another beginning

    private void reopenInOrder() throws IOException {
        if (files.isFull()) {
            return;
        }
        cursors.writeDeltas(new Moment(nowMs, wallMs), true);
        channels.values().forEach(ChannelLedger::written);
        deferred.close();
        cursors.close();
        log.close();
        restart(false);
    }

    /// Opens everything again; the process may end in the middle of that, too.
    private void restart(boolean firstPowerLost) throws IOException {
        boolean powerLost = firstPowerLost;
        while (true) {
            if (powerLost) {
                files.losePower();
            } else {
                files.kill();
            }
            consumers.clear();
            rolled.clear();
            if (random.nextInt(5) == 0) {
                files.crashWithin(1 + random.nextInt(20), powerLost);
            }
            try {
                store = build.apply(files);
                log = PartitionLog.open(store, DIRECTORY, logSettings);
                cursors = openCursors();
                deferred = openDeferred();
                break;
            } catch (FaultyFiles.Crash again) {
                powerLost |= again.powerLost();
            } catch (DiskFullException full) {
                files.full(false);
            }
        }
        files.crashNever();
        messages.reopened(log, powerLost, highestWallMs);
        if (powerLost) {
            messages.excuse(messages.missing());
        }
        reopenChannels(powerLost);
    }

    private void reopenChannels(boolean powerLost) {
        var attempted = creating;
        if (attempted != null && cursors.channels().containsKey(attempted.name)) {
            channels.put(attempted.name, attempted);
        }
        creating = null;
        for (var channel : List.copyOf(channels.values())) {
            var cursor = cursors.channels().get(channel.name);
            if (cursor == null) {
                assertThat(powerLost && !channel.isCreatedDurably())
                        .as("channel %s may be lost", channel.name)
                        .isTrue();
                channels.remove(channel.name);
            } else if (powerLost) {
                channel.lostPower(cursor, log.endOffset());
                channel.paused = cursors.paused(channel.name);
            } else {
                reopenKilled(channel, cursor);
            }
        }
        seeking = null;
        assertThat(cursors.channels().keySet()).isEqualTo(channels.keySet());
    }

    private void reopenKilled(ChannelLedger channel, Cursor cursor) {
        channel.killed();
        if (seeking == channel && cursor.generation() != channel.generation) {
            channel.sought(seekOffset, cursor.generation(), messages.places(0, seekOffset));
        }
    }

    // What must hold

    private void check() {
        for (var channel : channels.values()) {
            var cursor = cursor(channel);
            channel.check(cursor);
            assertThat(cursor.next()).isLessThanOrEqualTo(log.endOffset());
        }
    }

    /// Everything that is due comes out in the end.
    private void drain() throws IOException {
        files.crashNever();
        files.full(false);
        wallMs += 20_000_000;
        fire();
        assertThat(deferred.count()).isZero();
        assertThat(messages.missing()).as("acknowledged messages that are lost").isEmpty();
        for (var channel : channels.values()) {
            consumers.keySet().forEach(cursor(channel)::requeueAll);
            nowMs += 10 * TIMEOUT_MS;
            cursor(channel).expire(nowMs, (_, _, _) -> 0);
            drain(channel);
        }
    }

    private void drain(ChannelLedger channel) throws IOException {
        var cursor = cursor(channel);
        while (cursor.unfinishedCount(log.endOffset()) > 0) {
            deliver(channel, 100);
            for (long offset = cursor.floor(); offset < cursor.next(); offset++) {
                for (int owner : consumers.keySet()) {
                    if (cursor.finish(offset, owner) == Outcome.DONE) {
                        channel.finished(messages.place(offset));
                    }
                }
            }
        }
        var expected = messages.places(channel.startOffset, log.endOffset());
        expected.removeAll(channel.handled);
        assertThat(expected).as("messages that %s never got", channel.name).isEmpty();
    }
}
