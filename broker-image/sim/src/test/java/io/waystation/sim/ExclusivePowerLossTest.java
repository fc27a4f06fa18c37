package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.topic.ClientStats;
import io.waystation.broker.topic.Consumer;
import io.waystation.broker.topic.ConsumerOutput;
import io.waystation.broker.topic.ConsumerTerms;
import io.waystation.broker.topic.LatencySettings;
import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicContext;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.TopicSettings.Flush;
import io.waystation.broker.topic.TopicSettings.Retention;
import io.waystation.broker.topic.Topics;
import io.waystation.broker.topic.Volume;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Delivery;
import io.waystation.channel.RequeueBackoff;
import io.waystation.log.LogSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// An ordered channel of a topic that is flushed to the disk, under power losses: no message comes after one that
/// follows
/// it in the log.
class ExclusivePowerLossTest {
    private static final Path DIRECTORY = Path.of("/topic");
    private static final String CHANNEL = "c";
    private static final String OTHER = "other";
    private static final long TIMEOUT_MS = 60_000;
    private static final int SEEDS = 300;
    private static final int STEPS = 200;

    /// Takes note of the numbers that it gets.
    private static final class Taker implements ConsumerOutput {
        final List<Long> taken = new ArrayList<>();
        private final List<Long> held = new ArrayList<>();
        private @Nullable Consumer joined;

        void join(Topic topic, String channel) throws IOException {
            joined = topic.obtainChannel(channel).join(this, new ConsumerTerms(TIMEOUT_MS, TIMEOUT_MS, 0, null), 0);
            consumer().ready(10);
        }

        Consumer consumer() {
            return Objects.requireNonNull(joined);
        }

        void finish() {
            List.copyOf(held).forEach(consumer()::finish);
            held.clear();
        }

        void requeue() {
            List.copyOf(held).forEach(id -> consumer().requeue(id, 0));
            held.clear();
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void push(ByteBuffer source, int position, int length, long timestampNs, int attempts, long id) {
            taken.add(source.getLong(position));
            held.add(id);
        }

        @Override
        public void onStarved() {
            // nothing is buffered
        }

        @Override
        public ClientStats stats(Consumer consumer) {
            throw new UnsupportedOperationException("nobody asks");
        }

        @Override
        public void onChannelClosed() {
            // the test ends
        }
    }

    private static final class Nobody implements PublishWaiter {
        @Override
        public void onPublished(int ticket) {
            // as expected
        }

        @Override
        public void onPublishFailed(int ticket, String cause) {
            throw new AssertionError(cause);
        }
    }

    private static final class Machine {
        final SimDisk disk;
        SimLoop loop = new SimLoop(0, 1_700_000_000_000L);
        Topic topic;
        Taker taker = new Taker();
        Taker other = new Taker();
        /// A message's body is its offset.
        long published;

        Machine(long seed) throws IOException {
            disk = new SimDisk(seed);
            topic = open();
            var rules = new ChannelSettings(Delivery.EXCLUSIVE, 0, 0, null, 0, RequeueBackoff.NONE);
            topic.obtainChannel(CHANNEL).declare(rules);
            topic.obtainChannel(OTHER);
            publish();
            loop.settle();
            join();
        }

        private Topic open() throws IOException {
            var owner = new Loop(0, loop);
            var context = new TopicContext(
                    disk,
                    0,
                    List.of(LogSettings.defaults()),
                    new Volume(),
                    loop.sealing::add,
                    loop.flushing::add,
                    () -> new TopicSettings(Flush.DISK, Retention.CONSUMED, 0, 1 << 20, 0),
                    new NobodyListens(),
                    Long.MAX_VALUE,
                    LatencySettings.OFF);
            var opened = Topic.open(
                    context, new Topics(context, List.of(owner), DIRECTORY, _ -> Set.of()), "t", DIRECTORY, owner);
            opened.start();
            return opened;
        }

        void join() throws IOException {
            taker = new Taker();
            taker.join(topic, CHANNEL);
            other = new Taker();
            other.join(topic, OTHER);
            loop.runTasks();
        }

        void publish() {
            var body = ByteBuffer.allocate(Long.BYTES).putLong(0, published++);
            topic.publish(body, 0, Long.BYTES, new Nobody(), 0);
            loop.runTasks();
        }

        void losePower() throws IOException {
            disk.losePower();
            loop = loop.next();
            topic = open();
            published = topic.latestOffset();
            join();
        }
    }

    @Test
    void nextMessageWaitsUntilTheOneBeforeIsDoneForGood() throws IOException {
        var machine = new Machine(1);
        machine.publish();
        machine.loop.settle();

        machine.taker.finish();
        machine.loop.runTasks();

        assertThat(machine.taker.taken).containsExactly(0L);
        machine.loop.settle();
        assertThat(machine.taker.taken).containsExactly(0L, 1L);
    }

    @Test
    void waitingForTheFlushOfOneChannelStopsNoOther() throws IOException {
        var machine = new Machine(1);
        machine.publish();
        machine.publish();
        machine.loop.settle();
        machine.taker.finish();
        machine.loop.runTasks();

        assertThat(machine.other.taken).containsExactly(0L, 1L, 2L);
    }

    /// What is finished but not flushed may come again; never once something behind it came.
    @Test
    void noMessageComesAfterItsSuccessorWhateverThePowerLosses() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                run(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void run(long seed) throws IOException {
        var random = new SplittableRandom(seed);
        var machine = new Machine(random.nextLong());
        long highest = -1;
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(12)) {
                case 0, 1 -> machine.publish();
                case 2, 3, 4 -> machine.taker.finish();
                case 5 -> machine.taker.requeue();
                case 6 -> machine.other.finish();
                case 7, 8, 9 -> machine.loop.runBeside(machine.loop.flushing);
                case 10 -> machine.loop.pass(random.nextInt(300));
                default -> {
                    if (random.nextInt(5) == 0) {
                        machine.losePower();
                    }
                }
            }
            machine.loop.runTasks();
            for (long number : machine.taker.taken) {
                assertThat(number).as("what comes after %d", highest).isBetween(highest, highest + 1);
                highest = number;
            }
            machine.taker.taken.clear();
        }
        for (int left = 0; highest < machine.published - 1; left++) {
            assertThat(left).as("rounds until all have come").isLessThan(1_000);
            machine.loop.settle();
            machine.taker.finish();
            machine.loop.runTasks();
            highest = machine.taker.taken.isEmpty() ? highest : machine.taker.taken.getLast();
        }
    }
}
