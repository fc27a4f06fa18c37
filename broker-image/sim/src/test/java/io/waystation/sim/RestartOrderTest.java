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
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a channel remembers of messages that were parked, given back, deferred or in flight when the process was
/// killed.
class RestartOrderTest {
    private static final TopicSettings DEFAULTS = new TopicSettings(Flush.OS, Retention.CONSUMED, 0, 1 << 20, 0);
    /// Longer than cursors wait to be written.
    private static final long WRITTEN_MS = 500;
    private static final long HOUR_MS = 3_600_000;

    private final SimDisk disk = new SimDisk(1);
    private SimLoop loop = new SimLoop(0, 1_700_000_000_000L);
    private Topic topic;

    @BeforeEach
    void open() throws IOException {
        loop = loop.next();
        topic = SimBroker.begin(disk, loop, LogSettings.defaults(), DEFAULTS).serve();
    }

    private void deliverBy(Delivery delivery) throws IOException {
        var rules = new ChannelSettings(delivery, 0, 0, null, 0, RequeueBackoff.NONE);
        topic.obtainChannel("c").declare(rules);
    }

    private void publish(String key, String... bodies) {
        for (var body : bodies) {
            var bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.US_ASCII));
            var attributes = PublishAttributes.deferred(0).withKey(key.getBytes(StandardCharsets.US_ASCII));
            topic.publish(attributes, bytes, 0, bytes.limit(), new SureProducer(), 0);
        }
        loop.runTasks();
    }

    private NotingConsumer join() throws IOException {
        var taker = NotingConsumer.join(topic, "c");
        loop.runTasks();
        return taker;
    }

    @ParameterizedTest
    @EnumSource(
            value = Delivery.class,
            names = {"KEY_SHARED", "EXCLUSIVE"})
    void parkedAndReturnedMessagesComeInOrderWithTheirAttempts(Delivery delivery) throws IOException {
        deliverBy(delivery);
        publish("k", "first", "second", "third");
        var taker = join();
        taker.joined().requeue(taker.lastId(), 0);
        loop.runTasks();
        taker.joined().requeue(taker.lastId(), 10_000);
        loop.pass(WRITTEN_MS);

        open();
        taker = join();
        loop.pass(10_000);
        for (int i = 0; i < 2; i++) {
            taker.joined().finish(taker.lastId());
            loop.runTasks();
        }

        assertThat(taker.deliveries()).containsExactly("first 3", "second 1", "third 1");
    }

    @ParameterizedTest
    @EnumSource
    void delayOutlastsAKill(Delivery delivery) throws IOException {
        deliverBy(delivery);
        publish("k", "late");
        var taker = join();
        taker.joined().requeue(taker.lastId(), HOUR_MS);
        loop.pass(WRITTEN_MS);

        open();

        assertThat(topic.stats(false).channels().getFirst().deferredCount()).isEqualTo(1);
        assertThat(tookIn(HOUR_MS - WRITTEN_MS - 1)).isEmpty();
        assertThat(tookIn(WRITTEN_MS)).containsExactly("late 2");
    }

    @ParameterizedTest
    @EnumSource
    void delayOutlastsAStopThatFollowsAtOnce(Delivery delivery) throws IOException {
        deliverBy(delivery);
        publish("k", "late");
        var taker = join();
        taker.joined().requeue(taker.lastId(), HOUR_MS);
        topic.close();

        open();

        assertThat(tookIn(HOUR_MS - 1)).isEmpty();
        assertThat(tookIn(WRITTEN_MS)).containsExactly("late 2");
    }

    @ParameterizedTest
    @EnumSource
    void delayOutlastsAnotherDelivery(Delivery delivery) throws IOException {
        publish("k", "late", "later");
        var taker = join();
        taker.joined().requeue(taker.lastId() - 1, 10_000);
        taker.joined().requeue(taker.lastId(), 20_000);
        taker.joined().leave();

        deliverBy(delivery);

        assertThat(tookIn(9_999)).isEmpty();
        assertThat(tookIn(20_000)).containsExactly("late 2", "later 2");
    }

    /// What a consumer gets that comes, finishes all and goes.
    private List<String> tookIn(long ms) throws IOException {
        var taker = join();
        int finished = 0;
        loop.pass(ms);
        while (finished < taker.taken.size()) {
            taker.joined().finish(taker.taken.get(finished++).id());
            loop.runTasks();
        }
        taker.joined().leave();
        loop.runTasks();
        return taker.deliveries();
    }

    @ParameterizedTest
    @EnumSource
    void deliveriesCountThoughNobodyEverAnswers(Delivery delivery) throws IOException {
        deliverBy(delivery);
        publish("k", "poison");
        for (int i = 0; i < 3; i++) {
            join().joined().leave();
            loop.runTasks();
        }
        loop.pass(WRITTEN_MS);

        open();

        assertThat(join().deliveries()).containsExactly("poison 4");
    }
}
