package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.loop.SimLoop;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.TopicSettings.Flush;
import io.waystation.broker.topic.TopicSettings.Retention;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Delivery;
import io.waystation.channel.RequeueBackoff;
import io.waystation.log.LogSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// An ordered channel of a topic that is flushed to the disk, under power losses: no message comes after one that
/// follows it in the log.
class ExclusivePowerLossTest {
    private static final String CHANNEL = "c";
    private static final String OTHER = "other";
    private static final TopicSettings DEFAULTS = new TopicSettings(Flush.DISK, Retention.CONSUMED, 0, 1 << 20, 0);
    private static final int SEEDS = 300;
    private static final int STEPS = 200;

    private static final class Machine {
        final SimDisk disk;
        SimLoop loop = new SimLoop(0, 1_700_000_000_000L);
        Topic topic;
        NotingConsumer taker;
        NotingConsumer other;
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
            return SimBroker.begin(disk, loop, LogSettings.defaults(), DEFAULTS).serve();
        }

        private void join() throws IOException {
            taker = NotingConsumer.join(topic, CHANNEL);
            other = NotingConsumer.join(topic, OTHER);
            loop.runTasks();
        }

        void publish() {
            var body = ByteBuffer.wrap(Long.toString(published++).getBytes(StandardCharsets.US_ASCII));
            topic.publish(body, 0, body.capacity(), new SureProducer(), 0);
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

        assertThat(machine.taker.bodies()).containsExactly("0");
        machine.loop.settle();
        assertThat(machine.taker.bodies()).containsExactly("0", "1");
    }

    @Test
    void waitingForTheFlushOfOneChannelStopsNoOther() throws IOException {
        var machine = new Machine(1);
        machine.publish();
        machine.publish();
        machine.loop.settle();
        machine.taker.finish();
        machine.loop.runTasks();

        assertThat(machine.other.bodies()).containsExactly("0", "1", "2");
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
        var taker = machine.taker;
        int seen = 0;
        for (int step = 0; step < STEPS; step++) {
            step(machine, random);
            machine.loop.runTasks();
            if (machine.taker != taker) {
                taker = machine.taker;
                seen = 0;
            }
            for (; seen < taker.taken.size(); seen++) {
                long number = Long.parseLong(taker.taken.get(seen).body());
                assertThat(number).as("what comes after %d", highest).isBetween(highest, highest + 1);
                highest = number;
            }
        }
        for (int left = 0; highest < machine.published - 1; left++) {
            assertThat(left).as("rounds until all have come").isLessThan(1_000);
            machine.loop.settle();
            machine.taker.finish();
            machine.loop.runTasks();
            highest = machine.taker.taken.isEmpty()
                    ? highest
                    : Long.parseLong(machine.taker.taken.getLast().body());
        }
    }

    private static void step(Machine machine, SplittableRandom random) throws IOException {
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
    }
}
