package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.loop.SimLoop;
import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicDirectories;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.TopicSettings.Flush;
import io.waystation.broker.topic.TopicSettings.Retention;
import io.waystation.broker.topic.Topics;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Delivery;
import io.waystation.channel.RequeueBackoff;
import io.waystation.log.LogSettings;
import io.waystation.wire.MessageId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/// A topic whose channel gives messages up, and their dead-letter topic, killed in the middle of any disk operation.
/// However often a channel gives a message up, one letter of it comes, and none is lost.
final class DeadLetterSimulation {
    private static final Path DATA = Path.of("/data");
    private static final String ORDERS = "orders";
    private static final String DEAD = "dead";
    private static final String CHANNEL = "c";
    private static final long TIMEOUT_MS = 2_000;
    private static final long HOUR_MS = 3_600_000;
    private static final int STEPS = 200;
    /// More than any simulation takes to drain.
    private static final int DRAIN_ROUNDS = 500;

    private final SplittableRandom random;
    private final FaultyFiles files;
    private final LogSettings logSettings;
    private final TopicSettings defaults;
    private final ChannelSettings rules;
    private final boolean lettersAreConsumed;
    private final TopicLedger ledger = new TopicLedger();
    private final Set<Long> acknowledged = new HashSet<>();
    private final Set<Long> finished = new HashSet<>();

    /// By message the offset of its letter; by that, the message.
    private final Map<Long, Long> letters = new HashMap<>();

    private long scannedEnd;

    private SimLoop loop;
    private Loop owner;
    private Topics topics;
    private SimConsumer consumer;
    private SimConsumer undertaker;

    DeadLetterSimulation(long seed) throws IOException {
        random = new SplittableRandom(seed);
        files = new FaultyFiles(new SimDisk(random.nextLong()), random.split());
        logSettings = LogSettings.defaults().withTailBytes(4096).withSegmentBytes(300 + random.nextInt(3_000));
        defaults = new TopicSettings(
                random.nextBoolean() ? Flush.DISK : Flush.OS, Retention.CONSUMED, 0, 1 << 20, 1_000_000);
        var deliveries = Delivery.values();
        rules = new ChannelSettings(
                deliveries[random.nextInt(deliveries.length)],
                0,
                1 + random.nextInt(3),
                DEAD,
                random.nextInt(3) == 0 ? 1_000 + random.nextInt(20_000) : 0,
                RequeueBackoff.NONE);
        lettersAreConsumed = random.nextBoolean();
        for (var name : List.of(ORDERS, DEAD)) {
            files.createDirectories(TopicDirectories.directoryOf(DATA, 0, name));
        }
        loop = new SimLoop(random.nextLong(-1_000_000, 1_000_000), 1_700_000_000_000L);
        start();
        var channel = topic(ORDERS).obtainChannel(CHANNEL);
        channel.declare(rules);
        join();
    }

    private void start() throws IOException {
        loop = loop.next();
        if (random.nextInt(4) == 0) {
            // The broker was away for so long.
            loop.stepWall(random.nextLong(3 * HOUR_MS));
        }
        var broker = SimBroker.begin(files, loop, logSettings, defaults);
        owner = broker.loop();
        topics = broker.topics(DATA);
        topics.load();
        loop.runTasks();
    }

    private Topic topic(String name) {
        var topic = topics.find(name);
        if (topic == null) {
            throw new AssertionError("no topic " + name + "; damaged: " + topics.damaged());
        }
        return topic;
    }

    private void join() throws IOException {
        consumer = new SimConsumer(CHANNEL, (_, source, position, length, _) -> ledger.read(source, position, length));
        consumer.join(topic(ORDERS).obtainChannel(CHANNEL), TIMEOUT_MS);
        consumer.joined().ready(1 + random.nextInt(20));
        undertaker = new SimConsumer(CHANNEL, (_, source, position, length, id) -> {
            var message = ledger.read(source, position, length);
            letter(message.id, MessageId.offset(id));
            return message;
        });
        if (lettersAreConsumed) {
            undertaker.join(topic(DEAD).obtainChannel(CHANNEL), TIMEOUT_MS);
            undertaker.joined().ready(100);
        }
    }

    void run() throws IOException {
        for (int step = 0; step < STEPS; step++) {
            attempt(this::step);
        }
        files.crashNever();
        for (int round = 0; unfinished() > 0; round++) {
            assertThat(round).as("rounds to drain (%s)", rules).isLessThan(DRAIN_ROUNDS);
            attempt(() -> {
                loop.pass(500);
                loop.settle();
                answer(50);
                scan();
            });
        }
        var ended = new HashSet<>(finished);
        ended.addAll(letters.keySet());
        assertThat(ended).as("messages that ended").containsAll(acknowledged);
    }

    private interface Step {
        void run() throws IOException;
    }

    private void attempt(Step step) throws IOException {
        try {
            step.run();
        } catch (FaultyFiles.Crash killed) {
            restart();
        }
    }

    private void step() throws IOException {
        owner.begin();
        int dice = random.nextInt(100);
        if (dice < 20) {
            publish();
        } else if (dice < 45) {
            loop.pass(random.nextInt(300));
        } else if (dice < 70) {
            answer(random.nextInt(60));
        } else if (dice < 85) {
            loop.runBeside(random.nextBoolean() ? loop.flushing : loop.sealing);
        } else if (dice < 92) {
            loop.settle();
        } else {
            files.crashWithin(1 + random.nextInt(30), false);
        }
        loop.runTasks();
        scan();
    }

    private void publish() {
        for (int i = random.nextInt(5); i >= 0; i--) {
            var message = ledger.send(random.nextInt(100), Long.MIN_VALUE, false, null);
            topic(ORDERS)
                    .publish(
                            ledger.body(message).flip(),
                            0,
                            message.length,
                            new PublishWaiter() {
                                @Override
                                public void onPublished(int ticket) {
                                    acknowledged.add(message.id);
                                }

                                @Override
                                public void onPublishFailed(int ticket, String cause) {
                                    throw new AssertionError("refused: " + cause);
                                }
                            },
                            0);
        }
    }

    /// Some are finished, the others given back.
    private void answer(int finishPercent) {
        for (var held : List.copyOf(consumer.held)) {
            consumer.held.remove(held);
            if (random.nextInt(100) >= finishPercent) {
                consumer.joined().requeue(held.id(), 0);
            } else if (consumer.joined().finish(held.id()) == null) {
                finished.add(held.message().id);
            }
        }
        for (var held : List.copyOf(undertaker.held)) {
            undertaker.held.remove(held);
            undertaker.joined().finish(held.id());
        }
    }

    private void scan() throws IOException {
        try (var reader = topic(DEAD).reader()) {
            reader.seek(scannedEnd);
            while (reader.next()) {
                letter(ledger.read(reader.buffer(), reader.position(), reader.length()).id, reader.offset());
                scannedEnd = reader.offset() + 1;
            }
        }
    }

    private void letter(long id, long offset) {
        var known = letters.putIfAbsent(id, offset);
        assertThat(known == null || known == offset)
                .as("message %d has letters at offsets %d and %d", id, known, offset)
                .isTrue();
    }

    private long unfinished() {
        return topic(ORDERS).stats(false).unfinished()
                + (lettersAreConsumed ? topic(DEAD).stats(false).unfinished() : 0);
    }

    private void restart() throws IOException {
        while (true) {
            files.kill();
            if (random.nextInt(5) == 0) {
                files.crashWithin(1 + random.nextInt(30), false);
            }
            try {
                start();
                break;
            } catch (FaultyFiles.Crash again) {
                // from the beginning
            }
        }
        files.crashNever();
        join();
        scan();
    }
}
