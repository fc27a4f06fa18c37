package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Volume;
import io.waystation.wire.PublishAttributes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Publishes to a topic at random, and takes note of what is acknowledged.
final class TopicProducers {
    private final TopicWorld world;
    private long keyEpoch;

    TopicProducers(TopicWorld world) {
        this.world = world;
    }

    /// From now on other keys are used: those of before may be forgotten.
    void newKeys() {
        keyEpoch++;
    }

    void publish() {
        var sent = new ArrayList<TopicLedger.Message>();
        var bodies = ByteBuffer.allocate(64 * 1024);
        for (int i = world.random.nextInt(10); i >= 0; i--) {
            var message = world.ledger.send(world.random.nextInt(200), Long.MIN_VALUE, world.isDisk(), null);
            sent.add(message);
            bodies.putInt(message.length).put(world.ledger.body(message).flip());
        }
        world.topic.publishBatch(bodies.flip(), 0, sent.size(), new Producer(sent, false), 0);
    }

    void publishOne(long delayMs) {
        var key = world.random.nextInt(3) == 0 ? keyEpoch + "-" + world.random.nextInt(20) : null;
        long dueMs = delayMs == 0 ? Long.MIN_VALUE : world.loop.wallMs() + delayMs;
        var message = world.ledger.send(world.random.nextInt(200), dueMs, world.isDisk(), key);

        var attributes = PublishAttributes.deferred(delayMs);
        if (key != null) {
            attributes = attributes.withDedup(key.getBytes(StandardCharsets.UTF_8));
        }
        var producer = new Producer(List.of(message), delayMs > 0 || key != null);
        world.topic.publish(attributes, world.ledger.body(message).flip(), 0, message.length, producer, 0);
    }

    /// Waits for the answer to one publish.
    private final class Producer implements PublishWaiter {
        private final List<TopicLedger.Message> sent;
        private final boolean mayBeElsewhere;
        private final Set<SimChannel> channelsBefore = Set.copyOf(world.channels.values());
        private final Volume volumeThen = world.volume;
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
                world.ledger.acknowledged(message, world.isDisk());
                if (message.fate == TopicLedger.Fate.DURABLE && !mayBeElsewhere) {
                    channelsBefore.forEach(channel -> channel.durable = true);
                }
            }
        }

        @Override
        public void onPublishFailed(int ticket, String cause) {
            assertThat(answered).isFalse();
            answered = true;
        }
    }
}
