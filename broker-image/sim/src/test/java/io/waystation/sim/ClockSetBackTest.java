package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.loop.SimLoop;
import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.log.LogSettings;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A machine whose clock is set back while the broker is away.
class ClockSetBackTest {
    private static final TopicSettings DEFAULTS = new TopicSettings(
            TopicSettings.Flush.OS, TopicSettings.Retention.CONSUMED, 3_600_000, 1 << 20, 1_000_000_000);

    private final SimDisk disk = new SimDisk(1);
    private final List<String> answers = new ArrayList<>();

    private Topic open(SimLoop loop) throws IOException {
        return SimBroker.begin(disk, loop, LogSettings.defaults(), DEFAULTS).serve();
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
        var consumer = NotingConsumer.join(topic, "c");
        var body = ByteBuffer.wrap("late".getBytes(StandardCharsets.UTF_8));
        topic.publish(PublishAttributes.deferred(100), body, 0, body.capacity(), new Producer(), 0);
        later.pass(5_000);

        assertThat(answers).containsExactly("OK");
        assertThat(consumer.bodies()).containsExactly("late");
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
        var consumer = NotingConsumer.join(topic, "c");
        later.pass(200_000);

        assertThat(answers).containsExactly("OK");
        assertThat(topic.stats(false).deferredCount()).isZero();
        assertThat(consumer.taken).isEmpty();
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
}
