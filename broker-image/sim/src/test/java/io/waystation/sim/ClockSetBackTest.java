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
import io.waystation.broker.topic.Topics;
import io.waystation.broker.topic.Volume;
import io.waystation.log.LogSettings;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// A machine whose clock is set back while the broker is away.
class ClockSetBackTest {
    private static final Path DIRECTORY = Path.of("/topic");
    private static final TopicSettings DEFAULTS = new TopicSettings(
            TopicSettings.Flush.OS, TopicSettings.Retention.CONSUMED, 3_600_000, 1 << 20, 1_000_000_000);

    private final SimDisk disk = new SimDisk(1);
    private final List<String> answers = new ArrayList<>();
    private final List<String> delivered = new ArrayList<>();

    private Topic open(SimLoop loop) throws IOException {
        var owner = new Loop(0, loop);
        var context = new TopicContext(
                disk,
                0,
                List.of(LogSettings.defaults()),
                new Volume(),
                loop.sealing::add,
                loop.flushing::add,
                () -> DEFAULTS,
                new NobodyListens(),
                10_000,
                LatencySettings.OFF);
        var topics = new Topics(context, List.of(owner), DIRECTORY, _ -> Set.of());
        var topic = Topic.open(context, topics, "t", DIRECTORY, owner);
        topic.start();
        return topic;
    }

    @Test
    void a_message_deferred_after_the_clock_was_set_back_is_delivered_though_the_channel_was_emptied_before()
            throws IOException {
        var loop = new SimLoop(0, 1_700_000_000_000L);
        var before = open(loop);
        before.obtainChannel("c").empty();
        loop.runTasks();
        before.close();

        var later = loop.next();
        later.stepWall(-60_000);
        var topic = open(later);
        var consumer = Objects.requireNonNull(
                topic.obtainChannel("c").join(new Output(), new ConsumerTerms(60_000, 60_000, 0, null), 0));
        consumer.ready(1);
        var body = ByteBuffer.wrap("late".getBytes(StandardCharsets.UTF_8));
        topic.publish(PublishAttributes.deferred(100), body, 0, body.capacity(), new Producer(), 0);
        later.pass(5_000);

        assertThat(answers).containsExactly("OK");
        assertThat(delivered).containsExactly("late");
        topic.close();
    }

    @Test
    void a_message_that_was_deferred_before_the_clock_was_set_back_is_emptied_with_the_channel() throws IOException {
        var loop = new SimLoop(0, 1_700_000_000_000L);
        var before = open(loop);
        before.obtainChannel("c");
        var body = ByteBuffer.wrap("emptied".getBytes(StandardCharsets.UTF_8));
        before.publish(PublishAttributes.deferred(100_000), body, 0, body.capacity(), new Producer(), 0);
        loop.runTasks();
        before.close();

        var later = loop.next();
        later.stepWall(-60_000);
        var topic = open(later);
        topic.obtainChannel("c").empty();
        var consumer = Objects.requireNonNull(
                topic.obtainChannel("c").join(new Output(), new ConsumerTerms(60_000, 60_000, 0, null), 0));
        consumer.ready(1);
        later.pass(200_000);

        assertThat(answers).containsExactly("OK");
        assertThat(topic.stats(false).deferredCount()).isZero();
        assertThat(delivered).isEmpty();
        topic.close();
    }

    private final class Producer implements PublishWaiter {
        @Override
        public void onPublished(int ticket) {
            answers.add("OK");
        }

        @Override
        public void onPublishFailed(int ticket, String cause) {
            answers.add(cause);
        }
    }

    private final class Output implements ConsumerOutput {
        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void push(ByteBuffer source, int position, int length, long timestampNs, int attempts, long id) {
            var bytes = new byte[length];
            source.get(position, bytes);
            delivered.add(new String(bytes, StandardCharsets.UTF_8));
        }

        @Override
        public void onStarved() {
            // Nothing is buffered.
        }

        @Override
        public ClientStats stats(Consumer consumer) {
            throw new UnsupportedOperationException("nobody asks");
        }

        @Override
        public void onChannelClosed() {
            // Nothing is held.
        }
    }
}
