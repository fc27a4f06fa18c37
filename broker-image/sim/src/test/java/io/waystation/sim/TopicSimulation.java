package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.topic.LatencySettings;
import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.StartFrom;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicContext;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.TopicSettings.Declared;
import io.waystation.broker.topic.TopicSettings.Flush;
import io.waystation.broker.topic.TopicSettings.Retention;
import io.waystation.broker.topic.Topics;
import io.waystation.broker.topic.Volume;
import io.waystation.log.FileStore;
import io.waystation.log.LogSettings;
import io.waystation.wire.MessageId;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// The broker's own topic on a simulated loop and a disk that fails: used at random by producers, consumers and
/// operators,
/// killed or cut off from power in the middle of any disk operation, given errors of the device, a full disk and turned
/// bits. After each step what is there is compared with what was acknowledged.
final class TopicSimulation {
    private static final Path DIRECTORY = Path.of("/topic");
    private static final int STEPS = 250;
    private static final long TIMEOUT_MS = 2_000;
    private static final int MAX_CHANNELS = 3;
    private static final int MAX_CONSUMERS = 6;
    /// More than any simulation takes to drain.
    private static final int DRAIN_ROUNDS = 2_000;

    private final SplittableRandom random;
    private final SimDisk disk;
    private final FaultyFiles files;
    private final FileStore seen;
    private final LogSettings logSettings;
    private final TopicSettings defaults;
    private final boolean bounded;
    private final TopicLedger ledger = new TopicLedger();
    private final Map<String, SimChannel> channels = new TreeMap<>();
    private final List<SimConsumer> consumers = new ArrayList<>();

    private final TopicContents contents = new TopicContents(ledger);
    private long keyEpoch;
    private boolean bitFlipped;
    private boolean cut;

    private SimLoop loop;
    private Loop owner;
    private Volume volume = new Volume();
    private Topic topic;

    TopicSimulation(long seed) throws IOException {
        this(seed, files -> files);
    }

    /// `build` stands between the broker and its files.
    TopicSimulation(long seed, UnaryOperator<FileStore> build) throws IOException {
        random = new SplittableRandom(seed);
        disk = new SimDisk(random.nextLong());
        files = new FaultyFiles(disk, random.split());
        seen = build.apply(files);
        bounded = random.nextInt(5) == 0;
        logSettings = LogSettings.defaults()
                .withTailBytes(4096)
                .withSegmentBytes(500 + random.nextInt(5_000))
                .withSegmentMs(random.nextInt(2_000, 100_000));
        var retention = bounded
                ? new Retention(Retention.Policy.BOUNDED, random.nextInt(2_000, 50_000), random.nextInt(5_000, 50_000))
                : Retention.CONSUMED;
        defaults = new TopicSettings(
                random.nextBoolean() ? Flush.DISK : Flush.OS, retention, 3_600_000, 1 << 20, 1_000_000_000);
        loop = new SimLoop(random.nextLong(-1_000_000, 1_000_000), 1_700_000_000_000L);
        owner = new Loop(0, loop);
        topic = open();
        topic.start();
    }

    private Topic open() throws IOException {
        loop = loop.next();
        volume = new Volume();
        owner = new Loop(0, loop);
        var context = new TopicContext(
                seen,
                0,
                List.of(logSettings),
                volume,
                loop.sealing::add,
                loop.flushing::add,
                () -> defaults,
                new NobodyListens(),
                Long.MAX_VALUE,
                LatencySettings.OFF);
        var topics = new Topics(context, List.of(owner), DIRECTORY, _ -> Set.of());
        return Topic.open(context, topics, "t", DIRECTORY, owner);
    }

    void run() throws IOException {
        for (int step = 0; step < STEPS; step++) {
            try {
                step();
                check();
                if (volume.failure() != null && random.nextInt(5) == 0) {
                    restart(false, false);
                }
            } catch (FaultyFiles.Crash crash) {
                restart(crash.powerLost(), false);
            } catch (IOException refused) {
                if (!files.isFull() && !files.isFailing() && volume.failure() == null) {
                    throw refused;
                }
            }
        }
        for (int flips = random.nextInt(4); flips > 0 && !bitFlipped; flips--) {
            turnABit();
        }
        try {
            drain();
        } catch (IOException unreadable) {
            if (!bitFlipped) {
                throw unreadable;
            }
        }
    }

    private void step() throws IOException {
        owner.begin();
        int dice = random.nextInt(100);

        if (dice < 20) {
            publish();
        } else if (dice < 26) {
            publishOne(random.nextInt(4) == 0 ? random.nextLong(400_000) : random.nextLong(3_000));
        } else if (dice < 32) {
            publishOne(0);
        } else if (dice < 52) {
            pass();
        } else if (dice < 66) {
            answer();
        } else if (dice < 76) {
            loop.runBeside(random.nextBoolean() ? loop.flushing : loop.sealing);
        } else if (dice < 79) {
            loop.settle();
        } else if (dice < 81) {
            quiet();
        } else if (dice < 85) {
            joinOrLeave();
        } else if (dice < 87) {
            createChannel();
        } else if (dice < 89) {
            seek();
        } else if (dice < 91) {
            topic.declare(new Declared(random.nextBoolean() ? Flush.DISK : Flush.OS, null, null, null, null));
        } else if (dice < 92) {
            cancelDeferred();
        } else if (dice < 93) {
            fillDisk();
        } else if (dice < 94) {
            failDevice();
        } else if (dice < 95) {
            restartInOrder();
        } else {
            files.crashWithin(1 + random.nextInt(25), random.nextInt(2) == 0);
        }
        if (random.nextInt(4) > 0) {
            loop.runTasks();
        }
    }

    // Producers

    private boolean isDisk() {
        return topic.settings().flush() == Flush.DISK;
    }

    private void publish() {
        var sent = new ArrayList<TopicLedger.Message>();
        var bodies = ByteBuffer.allocate(64 * 1024);
        for (int i = random.nextInt(10); i >= 0; i--) {
            var message = ledger.send(random.nextInt(200), Long.MIN_VALUE, isDisk(), null);
            sent.add(message);
            bodies.putInt(message.length).put(ledger.body(message).flip());
        }
        topic.publishBatch(bodies.flip(), 0, sent.size(), new Producer(sent, false), 0);
    }

    private void publishOne(long delayMs) {
        var key = random.nextInt(3) == 0 ? keyEpoch + "-" + random.nextInt(20) : null;
        long dueMs = delayMs == 0 ? Long.MIN_VALUE : loop.wallMs() + delayMs;
        var message = ledger.send(random.nextInt(200), dueMs, isDisk(), key);

        var attributes = PublishAttributes.deferred(delayMs);
        if (key != null) {
            attributes = attributes.withDedup(key.getBytes(StandardCharsets.UTF_8));
        }
        var producer = new Producer(List.of(message), delayMs > 0 || key != null);
        topic.publish(attributes, ledger.body(message).flip(), 0, message.length, producer, 0);
    }

    /// Waits for the answer to one publish.
    private final class Producer implements PublishWaiter {
        private final List<TopicLedger.Message> sent;
        private final boolean mayBeElsewhere;
        private final Set<String> channelsBefore = Set.copyOf(channels.keySet());
        private final Volume volumeThen = volume;
        private boolean answered;

        /// `mayBeElsewhere` says that the messages need not come to the log by this publish.
        Producer(List<TopicLedger.Message> sent, boolean mayBeElsewhere) {
            this.sent = sent;
            this.mayBeElsewhere = mayBeElsewhere;
        }

        @Override
        public void onPublished(int ticket) {
            assertThat(answered).isFalse();
            assertThat(volumeThen.failure())
                    .as("failure of a volume that acknowledges")
                    .isNull();
            answered = true;
            for (var message : sent) {

                ledger.acknowledged(message, isDisk());
                if (message.fate == TopicLedger.Fate.DURABLE && !mayBeElsewhere) {
                    channels.values().stream()
                            .filter(channel -> channelsBefore.contains(channel.name))
                            .forEach(channel -> channel.durable = true);
                }
            }
        }

        @Override
        public void onPublishFailed(int ticket, String cause) {
            assertThat(answered).isFalse();
            answered = true;
        }
    }

    // Consumers

    private void pass() {
        if (random.nextInt(40) == 0) {
            // Keys count by wall time.
            keyEpoch++;
            loop.stepWall(random.nextLong(-200_000, 1_000_000));
        }
        loop.pass(random.nextInt(150));
    }

    /// Nobody does anything for longer than cursors wait to be written, and the disk comes to rest.
    private void quiet() {
        loop.runTasks();
        loop.pass(2 * SimChannel.CURSOR_INTERVAL_MS);
        loop.settle();
        if (isDisk() && volume.failure() == null && !files.isFull()) {
            channels.values().forEach(SimChannel::flushed);
        }
    }

    private TopicLedger.Message delivered(SimConsumer consumer, ByteBuffer source, int position, int length, long id) {
        var message = ledger.read(source, position, length);
        assertThat(loop.highestWallMs())
                .as("time at which message %d came", message.id)
                .isGreaterThanOrEqualTo(message.dueMs);
        var channel = channels.get(consumer.channel);
        if (channel != null) {
            channel.delivered(message.id, MessageId.offset(id));
        }
        return message;
    }

    private void answer() {
        if (consumers.isEmpty()) {
            return;
        }
        var consumer = consumers.get(random.nextInt(consumers.size()));
        int finishPercent = random.nextInt(100);
        for (var held : List.copyOf(consumer.held)) {
            int dice = random.nextInt(100);
            if (dice < finishPercent) {
                finish(consumer, held);
            } else if (dice > 90) {
                consumer.joined().requeue(held.id(), random.nextInt(3) * 300L);
                consumer.held.remove(held);
            } else if (dice > 88) {
                consumer.joined().touch(held.id(), 3 * TIMEOUT_MS);
            }
        }
    }

    private void finish(SimConsumer consumer, SimConsumer.Held held) {
        consumer.held.remove(held);
        var channel = channels.get(consumer.channel);
        if (consumer.joined().finish(held.id()) == null && channel != null) {
            channel.finished(held.message().id, MessageId.offset(held.id()), loop.monotonicMs());
        }
    }

    private void joinOrLeave() throws IOException {
        if (consumers.size() >= MAX_CONSUMERS || (!consumers.isEmpty() && random.nextInt(3) == 0)) {
            var leaving = consumers.remove(random.nextInt(consumers.size()));
            leaving.joined().leave();
        } else if (!channels.isEmpty()) {
            var names = List.copyOf(channels.keySet());
            join(names.get(random.nextInt(names.size())), 1 + random.nextInt(20));
        }
    }

    private void join(String name, int ready) throws IOException {
        var consumer = new SimConsumer(name, this::delivered);
        consumer.join(topic.obtainChannel(name), TIMEOUT_MS);
        consumer.joined().ready(ready);
        consumers.add(consumer);
    }

    // Operators

    private void createChannel() throws IOException {
        if (channels.size() < MAX_CHANNELS) {
            var name = "c" + channels.size();
            var channel = topic.obtainChannel(name, random.nextBoolean() ? StartFrom.DEFAULT : StartFrom.EARLIEST);
            channels.put(name, new SimChannel(name, topic.stats(channel, false).floor()));
        }
    }

    private void seek() throws IOException {
        if (channels.isEmpty()) {
            return;
        }
        var known = List.copyOf(channels.values()).get(random.nextInt(channels.size()));
        var channel = topic.obtainChannel(known.name);
        long offset = switch (random.nextInt(4)) {
            case 0 -> topic.earliestOffset();
            case 1 -> topic.latestOffset();
            case 2 -> topic.offsetAtOrAfter(loop.wallMs() - random.nextInt(10_000));
            default -> random.nextLong(topic.earliestOffset(), topic.latestOffset() + 1);
        };
        // Told first: whether a seek that fails half-way counts is known after the next start.
        long owedFrom = known.startOffset;
        known.sought(Math.min(offset, topic.stats(channel, false).floor()));
        known.startOffset = owedFrom;
        topic.seekChannel(channel, offset);
        passOver(known, offset);
        known.sought(offset);
    }

    /// What a seek leaves behind is not owed any more.
    private void passOver(SimChannel channel, long offset) {
        contents.forEach((id, at) -> {
            if (at < offset) {
                channel.handled.add(id);
            }
        });
    }

    private void cancelDeferred() throws IOException {
        var listed = new HashMap<String, Long>();
        topic.listDeferred(
                null,
                5,
                (id, dueMs, timestampMs, source, position, length) -> listed.put(id, source.getLong(position)));
        for (var entry : listed.entrySet()) {
            // Told first, like a seek.
            ledger.mayBeCancelled.add(entry.getValue());
            assertThat(topic.cancelDeferred(entry.getKey())).isTrue();
            ledger.cancelled.add(entry.getValue());
        }
    }

    private void fillDisk() {
        files.full(!files.isFull());
        if (!files.isFull()) {
            volume.full(null);
        }
        channels.values().forEach(SimChannel::uncertain);
    }

    private void failDevice() {
        if (random.nextInt(3) == 0) {
            files.failSyncsForWantOfRoom();
        } else {
            files.fail();
        }
        channels.values().forEach(SimChannel::uncertain);
    }

    // The end of the process and another beginning

    private void restartInOrder() throws IOException {
        if (files.isFull() || files.isFailing() || volume.failure() != null) {
            restart(false, false);
            return;
        }
        topic.close();
        restart(false, volume.failure() == null);
    }

    private void restart(boolean firstPowerLost, boolean inOrder) throws IOException {
        boolean powerLost = firstPowerLost;

        consumers.clear();
        if (files.isFull() || files.isFailing() || volume.failure() != null) {
            channels.values().forEach(SimChannel::uncertain);
        }
        while (true) {
            if (powerLost) {
                files.losePower();
            } else {
                files.kill();
            }
            if (random.nextInt(5) == 0) {
                files.crashWithin(1 + random.nextInt(25), random.nextInt(2) == 0);
            }
            try {
                topic = open();
                break;
            } catch (FaultyFiles.Crash again) {
                powerLost |= again.powerLost();
            } catch (IOException refused) {
                if (!files.isFull()) {
                    throw refused;
                }
                files.full(false);
            }
        }
        files.crashNever();
        reopened(powerLost, inOrder);
    }

    private void reopened(boolean powerLost, boolean inOrder) throws IOException {
        if (powerLost) {
            contents.mayRepeat();
            ledger.forgetKeys();
        }
        if (cut) {
            reopenedCut();
        } else {
            contents.reopened(topic, powerLost);
            ledger.check(contents.present(topic), powerLost);
            reopenChannels(powerLost, inOrder);
        }
        topic.start();
    }

    /// What a turned bit made unreadable was cut off, which was reported; what is left must be right. What was
    /// acknowledged under flush disk is never cut off: each bit is turned after a start that has ended, so no power loss
    /// has taken the mark that tells it from a torn end.
    private void reopenedCut() throws IOException {
        contents.mayRepeat();
        ledger.forgetKeys();
        contents.reopened(topic, true);
        ledger.check(contents.present(topic), true);
        ledger.excuse(contents.present(topic));
        channels.keySet().retainAll(topic.channelNames());
        for (var known : channels.values()) {
            known.uncertain();
            known.lostPower(topic.stats(topic.obtainChannel(known.name), false));
        }
        cut = false;
    }

    private void reopenChannels(boolean powerLost, boolean inOrder) throws IOException {
        var names = Set.copyOf(topic.channelNames());
        for (var known : List.copyOf(channels.values())) {
            if (!names.contains(known.name)) {
                assertThat(powerLost && !known.durable)
                        .as("channel %s may be lost", known.name)
                        .isTrue();
                channels.remove(known.name);
                continue;
            }
            var stats = topic.stats(topic.obtainChannel(known.name), false);
            if (powerLost) {
                known.lostPower(stats);
            } else if (!inOrder) {
                known.killed(stats, loop.monotonicMs());
            }
            if (bounded) {
                // The channel may have been led over what was then not deleted any more.
                known.startOffset = Math.max(known.startOffset, stats.floor());
            }
        }
        for (var name : names) {
            if (!channels.containsKey(name)) {
                // Its creation was not answered any more.
                channels.put(
                        name,
                        new SimChannel(
                                name,
                                topic.stats(topic.obtainChannel(name), false).floor()));
            }
        }
    }

    // What is there

    private void check() throws IOException {
        if (volume.failure() != null && !files.isFailing()) {
            assertThat(volume.failure()).as("want of room is no failure").doesNotContainIgnoringCase("no space");
        }
        long earliest = topic.earliestOffset();
        if (earliest > contents.scannedEnd()) {
            assertThat(bounded).as("deleted before it was consumed").isTrue();
            ledger.excuse(contents.present(topic));
        }
        contents.scan(topic);
        for (var known : channels.values()) {
            var stats = topic.stats(topic.obtainChannel(known.name), false);
            if (bounded && volume.failure() != null) {
                known.expired(stats);
            }
            known.check(stats, earliest, bounded);
        }
    }

    // The end

    /// With one bit turned over the broker says so or serves what it served; it never serves anything else.
    private void turnABit() throws IOException {
        restart(false, false);
        loop.settle();
        check();
        files.kill();
        consumers.clear();
        contents.remember();

        var back = disk.flipBit();
        int cuts = files.cuts();
        bitFlipped = true;
        try {
            topic = open();
            cut = files.cuts() > cuts;
            reopened(false, false);
        } catch (IOException refused) {
            back.run();
            bitFlipped = false;
            contents.recall();
            cut = files.cuts() > cuts;
            restart(false, false);
        }
    }

    /// Everything comes out in the end.
    private void drain() throws IOException {
        files.crashNever();
        files.full(false);
        if (files.isFailing() || volume.failure() != null) {
            restart(false, false);
        }
        volume.full(null);
        for (var consumer : consumers) {
            consumer.joined().leave();
        }
        consumers.clear();
        for (var known : channels.values()) {
            join(known.name, 1000);
        }
        drainTo(this::isDrained);
        if (bitFlipped) {
            // A channel that stands still because of it is told so; what it had was right.
            return;
        }
        ledger.check(contents.present(topic), false);
        for (var known : channels.values()) {
            contents.forEach((id, offset) -> {
                if (offset >= known.startOffset) {
                    assertThat(known.handled)
                            .as("messages that %s had (offset %d)", known.name, offset)
                            .contains(id);
                }
            });
        }
    }

    private boolean isDrained(Topic drained) {
        var stats = drained.stats(false);
        return stats.deferredCount() == 0
                && (channels.isEmpty() || (stats.unfinished() == 0 && contents.scannedEnd() <= drained.latestOffset()))
                && loop.flushing.isEmpty()
                && loop.sealing.isEmpty();
    }

    private void drainTo(Predicate<Topic> end) throws IOException {
        for (int round = 0; !end.test(topic); round++) {
            if (bitFlipped && (round == DRAIN_ROUNDS || volume.failure() != null)) {
                return;
            }
            assertThat(round).as("rounds to drain: %s", topic.stats(false)).isLessThan(DRAIN_ROUNDS);
            loop.pass(1 + random.nextInt(2_000));
            loop.settle();
            for (var consumer : consumers) {
                for (var held : List.copyOf(consumer.held)) {
                    finish(consumer, held);
                }
            }
            check();
        }
    }
}
