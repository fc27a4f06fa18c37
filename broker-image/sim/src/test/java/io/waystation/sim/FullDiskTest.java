package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.ClientStats;
import io.waystation.broker.topic.Consumer;
import io.waystation.broker.topic.ConsumerOutput;
import io.waystation.broker.topic.ConsumerTerms;
import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.TopicSettings.Flush;
import io.waystation.broker.topic.TopicSettings.Retention;
import io.waystation.log.LogSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A disk that messages have filled to the last byte, and whose messages are consumed then.
class FullDiskTest {
    private static final int CAPACITY_BYTES = 100_000;
    private static final int MESSAGE_BYTES = 700;
    private static final int SECONDS = 10;
    private static final String CHANNEL = "c";

    private static TopicsWorld world(Flush flush, int segmentBytes) throws IOException {
        var world = new TopicsWorld(
                new SplittableRandom(1),
                files -> files,
                LogSettings.defaults().withTailBytes(4096).withSegmentBytes(segmentBytes),
                new TopicSettings(flush, Retention.CONSUMED, 0, 1 << 20, 1_000_000_000));
        world.open();
        return world;
    }

    /// Whether the message was stored.
    private static boolean publish(TopicsWorld world, Topic topic, int bytes) {
        var stored = new boolean[1];
        topic.publish(
                ByteBuffer.allocate(bytes),
                0,
                bytes,
                new PublishWaiter() {
                    @Override
                    public void onPublished(int ticket) {
                        stored[0] = true;
                    }

                    @Override
                    public void onPublishFailed(int ticket, String cause) {
                        // as it was
                    }
                },
                0);
        world.loop.settle();
        return stored[0];
    }

    /// With ever smaller messages.
    private static void fill(TopicsWorld world, List<Topic> topics) {
        world.files.capacity(CAPACITY_BYTES);
        for (int bytes = MESSAGE_BYTES; bytes > 0; bytes /= 2) {
            boolean stored = true;
            while (stored) {
                stored = false;
                for (var topic : topics) {
                    stored |= publish(world, topic, bytes);
                }
            }
            world.volume.full(null);
        }
    }

    /// Finishes whatever comes.
    private static final class Finisher implements ConsumerOutput {
        private final List<Long> held = new ArrayList<>();
        private final Consumer consumer;

        Finisher(Topic topic) {
            var channel = Objects.requireNonNull(topic.channel(CHANNEL));
            consumer = Objects.requireNonNull(channel.join(this, new ConsumerTerms(60_000, 60_000, 0, null), 0));
            consumer.ready(1_000);
        }

        void finishAll() {
            held.forEach(consumer::finish);
            held.clear();
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void push(ByteBuffer source, int position, int length, long timestampNs, int attempts, long id) {
            held.add(id);
        }

        @Override
        public void onStarved() {
            // Nothing is buffered.
        }

        @Override
        public ClientStats stats(Consumer known) {
            throw new UnsupportedOperationException("nobody asks");
        }

        @Override
        public void onChannelClosed() {
            held.clear();
        }
    }

    private static void consume(TopicsWorld world, Topic topic) {
        var finisher = new Finisher(topic);
        while (topic.stats(false).unfinished() > 0) {
            world.loop.settle();
            finisher.finishAll();
        }
        finisher.consumer.leave();
    }

    @ParameterizedTest
    @CsvSource({
        "OS, 5000, 1",
        "OS, 10000000, 1",
        "OS, 10000000, 5",
        "DISK, 5000, 1",
        "DISK, 10000000, 1",
        "DISK, 10000000, 5"
    })
    void whatIsConsumedMakesRoomWithoutARestart(Flush flush, int segmentBytes, int topicCount) throws IOException {
        var world = world(flush, segmentBytes);
        var topics = new ArrayList<Topic>();
        for (int i = 0; i < topicCount; i++) {
            topics.add(world.obtain("t" + i));
            topics.getLast().obtainChannel(CHANNEL);
        }
        fill(world, topics);
        topics.forEach(topic -> consume(world, topic));
        var first = topics.getFirst();

        int storedCount = 0;
        for (int second = 0; second < SECONDS; second++) {
            // At the end of each the broker looks how much room there is.
            world.loop.pass(1_000);
            world.loop.settle();
            world.volume.full(null);
            storedCount += publish(world, first, MESSAGE_BYTES) ? 1 : 0;
        }

        assertThat(world.volume.failure()).isNull();
        assertThat(storedCount).isPositive();
        consume(world, first);
        world.files.kill();
        world.open();
        assertThat(world.topics.damaged()).isEmpty();
        assertThat(Objects.requireNonNull(world.topics.find(first.name())).latestOffset())
                .isEqualTo(first.latestOffset());
    }
}
