package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Cursor;
import io.waystation.channel.CursorLog;
import io.waystation.channel.CursorLogSettings;
import io.waystation.channel.Delivery;
import io.waystation.channel.Dispatch;
import io.waystation.channel.Moment;
import io.waystation.channel.Outcome;
import io.waystation.channel.Outlet;
import io.waystation.channel.Recipient;
import io.waystation.channel.RequeueBackoff;
import io.waystation.channel.Retirement;
import io.waystation.log.DiskFullException;
import io.waystation.log.LogReader;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import io.waystation.log.RecordHeaders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A channel with rules that change, its consumers, and its dead-letter topic, on a disk that fills up, killed in the
/// middle of any disk operation, under flush disk also by a power loss. Each push, and what is there after each step,
/// is compared with what was acknowledged.
final class RuleSimulation implements Outlet {
    private static final Path TOPIC = Path.of("/topic");
    private static final Path DEAD = Path.of("/dead");
    private static final String CHANNEL = "c";
    private static final String FROM_OFFSET = "offset";
    private static final int STEPS = 400;
    private static final int BODY_BYTES = 8;
    private static final long TIMEOUT_MS = 1_000;
    private static final int NO_KEY = -1;

    private final class Consumer implements Recipient {
        final int owner;
        int window;

        Consumer(int owner, int window) {
            this.owner = owner;
            this.window = window;
        }

        @Override
        public int owner() {
            return owner;
        }

        @Override
        public boolean isReady() {
            return ledger.inFlightOf(owner) < window;
        }
    }

    /// A message under way to the dead-letter topic.
    private record Letter(int generation, long offset, int bytes) {}

    private final SplittableRandom random;
    private final FaultyFiles files;
    private final RuleLedger ledger = new RuleLedger();
    private final LogSettings logSettings;
    private final CursorLogSettings cursorSettings;
    private final int keyCount;
    /// Whether messages are flushed before anybody has them, and cursors now and then.
    private final boolean disk;

    private PartitionLog log;
    private PartitionLog dead;
    private CursorLog cursors;
    private Cursor cursor;
    private Dispatch dispatch;
    private ChannelSettings rules = ChannelSettings.DEFAULT;
    private @Nullable ChannelSettings changing;
    /// Those that a power loss may bring back.
    private final List<ChannelSettings> unflushedRules = new ArrayList<>();
    private final List<Consumer> takers = new ArrayList<>();
    private final List<Consumer> leaving = new ArrayList<>();
    private final List<Letter> letters = new ArrayList<>();
    private long nowMs;
    private long wallMs = 1_700_000_000_000L;
    /// Goes on evenly whatever becomes of the clocks.
    private long trueMs;

    private long lastId;
    private int lastOwner;
    private long deadRead;

    RuleSimulation(long seed) throws IOException {
        random = new SplittableRandom(seed);
        files = new FaultyFiles(new SimDisk(random.nextLong()), random.split());
        nowMs = random.nextLong(-1_000_000, 1_000_000);
        keyCount = 1 + random.nextInt(8);
        disk = random.nextBoolean();
        logSettings = LogSettings.defaults().withTailBytes(4096).withSegmentBytes(500 + random.nextInt(5_000));
        cursorSettings = new CursorLogSettings(logSettings, 200, 20, 500 + random.nextInt(2_000));
        log = PartitionLog.open(files, TOPIC, logSettings);
        dead = PartitionLog.open(files, DEAD, logSettings);
        cursors = CursorLog.open(files, TOPIC.resolve("cursors"), log, cursorSettings, moment());
        cursor = cursors.createChannel(CHANNEL, 0);
        flush(cursors.log());
        dispatch = Dispatch.of(rules, cursor, log, takers, this);
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
            ledger.check(cursor);
        }
        drain();
    }

    private void step() throws IOException {
        pass(random.nextInt(200));
        int dice = random.nextInt(100);
        if (dice < 15) {
            publish();
        } else if (dice < 45) {
            pump(1 + random.nextInt(30));
        } else if (dice < 65) {
            answer();
        } else if (dice < 75) {
            carry();
        } else if (dice < 84) {
            tick();
        } else if (dice < 88) {
            join();
        } else if (dice < 91) {
            leave();
        } else if (dice < 94) {
            change();
        } else if (dice < 96) {
            files.full(!files.isFull());
        } else {
            files.crashWithin(1 + random.nextInt(15), disk && random.nextBoolean());
        }
    }

    private void pass(long ms) {
        nowMs += ms;
        wallMs += ms;
        trueMs += ms;
    }

    private Moment moment() {
        return new Moment(nowMs, wallMs);
    }

    private void flush(PartitionLog target) throws IOException {
        var task = disk ? target.takeFlush() : null;
        if (task != null) {
            task.run();
            task.completed();
        }
    }

    private void flushCursors() throws IOException {
        flush(cursors.log());
        if (disk) {
            ledger.flushed();
            unflushedRules.clear();
        }
    }

    // ---- the world around

    private void publish() throws IOException {
        for (int i = random.nextInt(10); i >= 0; i--) {
            int key = random.nextInt(4) == 0 ? NO_KEY : random.nextInt(keyCount);
            var bytes = ByteBuffer.allocate(BODY_BYTES).putLong(0, ++lastId);
            var keyBytes = ByteBuffer.allocate(Integer.BYTES).putInt(0, key);
            log.add(wallMs, keyBytes, 0, key == NO_KEY ? -1 : Integer.BYTES, bytes, 0, BODY_BYTES);
        }
        log.append();
        flush(log);
        learn();
    }

    /// Takes note of what the log holds.
    private void learn() throws IOException {
        try (LogReader reader = log.reader()) {
            reader.seek(ledger.size());
            while (ledger.size() < log.endOffset() && reader.next()) {
                var buffer = reader.buffer();
                int key = reader.keyLength() < 0 ? NO_KEY : buffer.getInt(reader.keyPosition());
                ledger.stored(new RuleLedger.Message(
                        reader.offset(), buffer.getLong(reader.position()), key, reader.timestampMs()));
            }
        }
    }

    private void join() {
        if (takers.size() < 6) {
            takers.add(new Consumer(++lastOwner, 1 + random.nextInt(5)));
            dispatch.onJoined(takers.getLast());
        }
    }

    /// A consumer takes nothing more, and in the end is gone with what it holds.
    private void leave() {
        if (!takers.isEmpty() && (leaving.isEmpty() || random.nextBoolean())) {
            var consumer = takers.remove(random.nextInt(takers.size()));
            dispatch.onLeft(consumer);
            leaving.add(consumer);
        } else if (!leaving.isEmpty()) {
            var consumer = leaving.remove(random.nextInt(leaving.size()));
            var held = ledger.heldBy(consumer.owner);
            assertThat(cursor.requeueAll(consumer.owner)).isEqualTo(held.size());
            held.forEach(offset -> ledger.back(offset, trueMs));
        }
    }

    private void answer() {
        var consumers = new ArrayList<>(takers);
        consumers.addAll(leaving);
        int finishPercent = random.nextInt(100);
        for (var consumer : consumers) {
            for (long offset : ledger.heldBy(consumer.owner)) {
                int dice = random.nextInt(100);
                if (dice < finishPercent) {
                    assertThat(cursor.finish(offset, consumer.owner)).isEqualTo(Outcome.DONE);
                    ledger.finished(offset);
                    dispatch.onFinished(offset);
                } else if (dice > 70) {
                    long askedMs = random.nextInt(10) == 0 ? random.nextInt(100_000) : random.nextInt(3) * 500L;
                    long delayMs = askedMs + rules.requeueBackoff().delayMs(cursor.attempts(offset));
                    assertThat(cursor.requeue(offset, consumer.owner, nowMs, nowMs + delayMs))
                            .isEqualTo(Outcome.DONE);
                    ledger.back(offset, trueMs + delayMs);
                }
            }
        }
    }

    /// Some dead letters arrive, in any order.
    private void carry() throws IOException {
        for (int i = random.nextInt(10); i >= 0 && !letters.isEmpty(); i--) {
            var letter = letters.get(random.nextInt(letters.size()));
            var headers = RecordHeaders.NONE.with(FROM_OFFSET, Long.toString(letter.offset));
            var body = ByteBuffer.allocate(BODY_BYTES)
                    .putLong(0, ledger.message(letter.offset).id());
            dead.add(wallMs, body, 0, -1, body, 0, BODY_BYTES, headers);
            boolean stored = true;
            try {
                dead.append();
                flush(dead);
                learnDead();
            } catch (DiskFullException full) {
                stored = false;
            }
            letters.remove(letter);
            if (stored) {
                ledger.deadLetterAnswered(letter.offset);
                dispatch.onDeadLetterStored(letter.generation, letter.offset, letter.bytes);
            } else {
                dispatch.onDeadLetterRefused(letter.generation, letter.offset, letter.bytes);
            }
        }
    }

    private void learnDead() throws IOException {
        try (LogReader reader = dead.reader()) {
            reader.seek(deadRead);
            while (deadRead < dead.endOffset() && reader.next()) {
                var from = reader.headers().last(FROM_OFFSET);
                assertThat(from).isNotNull();
                long offset = Long.parseLong(from == null ? "" : from.text());
                assertThat(reader.buffer().getLong(reader.position()))
                        .isEqualTo(ledger.message(offset).id());
                ledger.deadLetter(offset);
                deadRead = reader.offset() + 1;
            }
        }
    }

    private void change() throws IOException {
        var deliveries = Delivery.values();
        var next = new ChannelSettings(
                deliveries[random.nextInt(deliveries.length)],
                0,
                random.nextInt(4),
                random.nextInt(3) == 0 ? null : "dead",
                random.nextInt(3) == 0 ? 1 + random.nextInt(20_000) : 0,
                random.nextBoolean() ? RequeueBackoff.NONE : new RequeueBackoff(10, 1_000, 3));
        changing = next;
        try {
            cursors.setSettings(CHANNEL, next);
        } catch (DiskFullException full) {
            changing = null;
            throw full;
        }
        take(next);
    }

    private void take(ChannelSettings next) {
        changing = null;
        unflushedRules.add(rules);
        rules = next;
        dispatch.settings(next);
    }

    // ---- the channel around the dispatch

    private void pump(int budget) throws IOException {
        if (dispatch.delivery() != rules.delivery()) {
            if (!dispatch.isDrained()) {
                return;
            }
            dispatch.close();
            dispatch = Dispatch.of(rules, cursor, log, takers, this);
        }
        int left = budget;
        while (left > 0 && dispatch.step()) {
            left--;
        }
    }

    private void tick() throws IOException {
        expire();
        dispatch.sweep(20);
        boolean all = random.nextBoolean();
        cursors.writeDeltas(moment(), all);
        if (all) {
            ledger.written();
        }
        if (random.nextInt(3) == 0) {
            flushCursors();
        }
    }

    private void expire() {
        if (cursor.nextDeadlineMs() <= nowMs) {
            cursor.expire(nowMs, (offset, owner, attempts) -> {
                long delayMs = rules.requeueBackoff().delayMs(attempts);
                ledger.back(offset, trueMs + delayMs);
                return delayMs;
            });
        }
    }

    @Override
    public long endOffset() {
        return ledger.size();
    }

    @Override
    public long nowMs() {
        return nowMs;
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
        var message = ledger.message(offset);
        assertThat(record.offset()).isEqualTo(offset);
        assertThat(record.buffer().getLong(record.position())).isEqualTo(message.id());
        assertThat(recipient.isReady())
                .as("consumer %d has room", recipient.owner())
                .isTrue();
        int attempts = cursor.deliver(offset, recipient.owner(), nowMs, nowMs + TIMEOUT_MS);
        ledger.pushed(offset, recipient.owner(), attempts, rules, wallMs, disk);
        ledger.checkDelay(offset, trueMs);
        return true;
    }

    @Override
    public void onCursorChanged() {
        // written by the next tick
    }

    @Override
    public boolean writeCursor() throws IOException {
        try {
            cursors.writeDelta(CHANNEL, moment());
        } catch (DiskFullException full) {
            return false;
        }
        ledger.written();
        if (disk && !cursors.isFlushed(CHANNEL)) {
            // Another pump, or the drain, finds it flushed.
            if (random.nextBoolean()) {
                flushCursors();
            }
            return false;
        }
        ledger.flushed();
        return true;
    }

    @Override
    public void onDropped(long offset, Retirement reason, int attempts) {
        assertThat(rules.deadLetterTopic()).isNull();
        ledger.dropped(offset);
    }

    @Override
    public void sendDeadLetter(long offset, LogReader record, Retirement reason, int attempts) {
        assertThat(record.buffer().getLong(record.position()))
                .isEqualTo(ledger.message(offset).id());
        letters.add(new Letter(cursor.generation(), offset, record.length()));
    }

    @Override
    public void onRecordGone(long offset) {
        throw new AssertionError("offset " + offset + " is gone, though nothing deletes");
    }

    // ---- kills

    private void restart(boolean firstPowerLost) throws IOException {
        boolean powerLost = firstPowerLost;
        awayFor(random.nextInt(3) * random.nextLong(20_000));
        while (true) {
            if (powerLost) {
                files.losePower();
            } else {
                files.kill();
            }
            if (random.nextInt(5) == 0) {
                files.crashWithin(1 + random.nextInt(10), disk && random.nextBoolean());
            }
            try {
                log = PartitionLog.open(files, TOPIC, logSettings);
                dead = PartitionLog.open(files, DEAD, logSettings);
                cursors = CursorLog.open(files, TOPIC.resolve("cursors"), log, cursorSettings, moment());
                if (disk) {
                    // What was not flushed is kept and delivered, so it has to last as well.
                    log.sync();
                    dead.sync();
                }
                break;
            } catch (FaultyFiles.Crash again) {
                powerLost |= again.powerLost();
            } catch (DiskFullException full) {
                files.full(false);
            }
        }
        files.crashNever();
        reopened(powerLost);
    }

    /// No process runs for so long; the next one counts its time from elsewhere, and somebody may set the clock back.
    private void awayFor(long ms) {
        nowMs = random.nextLong(-1_000_000, 1_000_000);
        wallMs += ms;
        trueMs += ms;
        if (random.nextInt(10) == 0) {
            wallMs -= random.nextLong(200_000);
        }
    }

    private void reopened(boolean powerLost) throws IOException {
        long acknowledged = ledger.size();
        assertThat(log.endOffset()).isGreaterThanOrEqualTo(acknowledged);
        learn();
        learnDead();
        var found = cursors.channels().get(CHANNEL);
        if (found == null) {
            throw new AssertionError("the channel is gone");
        }
        cursor = found;
        Set<Long> underWay = new HashSet<>();
        letters.forEach(letter -> underWay.add(letter.offset));
        letters.clear();
        takers.clear();
        leaving.clear();
        ledger.reopened(cursor, underWay, powerLost);
        var stored = cursors.settings(CHANNEL);
        var possible = new ArrayList<ChannelSettings>();
        if (powerLost) {
            possible.addAll(unflushedRules);
        }
        possible.add(rules);
        possible.add(changing == null ? rules : changing);
        assertThat(stored).isIn(possible);
        if (powerLost) {
            unflushedRules.clear();
        } else {
            unflushedRules.add(rules);
        }
        rules = stored;
        changing = null;
        dispatch = Dispatch.of(rules, cursor, log, takers, this);
    }

    // ---- the end

    private void drain() throws IOException {
        files.crashNever();
        files.full(false);
        while (takers.size() < 3) {
            takers.add(new Consumer(++lastOwner, 3));
            dispatch.onJoined(takers.getLast());
        }
        for (int round = 0; cursor.unfinishedCount(log.endOffset()) > 0; round++) {
            assertThat(round)
                    .as("rounds until nothing waits (%s, %s)", rules, dispatch)
                    .isLessThan(10_000);
            pass(500);
            expire();
            pump(100);
            answer();
            carry();
        }
        ledger.check(cursor);
        ledger.checkEnd();
    }
}
