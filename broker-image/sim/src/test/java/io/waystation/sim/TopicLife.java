package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicSettings.Flush;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// What the outside world knows of a topic from its making to its deletion. Another topic of the same name is another
/// life, whose messages have other ids.
final class TopicLife {
    private static final String CHANNEL = "c";
    private static final long TIMEOUT_MS = 2_000;

    final String name;
    private final SplittableRandom random;
    private final TopicLedger ledger;
    private final TopicContents contents;
    private Topic topic;
    private @Nullable SimConsumer consumer;
    private boolean deleted;
    /// A deletion was asked for and not answered with success.
    boolean mayBeDeleted;

    TopicLife(Topic topic, SplittableRandom random, long idsFrom) {
        this.name = topic.name();
        this.topic = topic;
        this.random = random;
        this.ledger = new TopicLedger(idsFrom);
        this.contents = new TopicContents(ledger);
    }

    Topic topic() {
        return topic;
    }

    /// Its deletion was acknowledged.
    void deleted() {
        deleted = true;
    }

    void publish(long wallMs) {
        int dice = random.nextInt(10);
        if (dice < 7) {
            publishBatch();
        } else if (dice < 9) {
            publishOne(1 + random.nextLong(200_000), null, wallMs);
        } else {
            publishOne(0, "k" + random.nextInt(5), wallMs);
        }
    }

    private boolean isDisk() {
        return topic.settings().flush() == Flush.DISK;
    }

    private void publishBatch() {
        var sent = new ArrayList<TopicLedger.Message>();
        var bodies = ByteBuffer.allocate(16 * 1024);
        for (int i = random.nextInt(10); i >= 0; i--) {
            var message = ledger.send(random.nextInt(200), Long.MIN_VALUE, isDisk(), null);
            sent.add(message);
            bodies.putInt(message.length).put(ledger.body(message).flip());
        }
        topic.publishBatch(bodies.flip(), 0, sent.size(), new Producer(sent), 0);
    }

    private void publishOne(long delayMs, @Nullable String key, long wallMs) {
        long dueMs = delayMs == 0 ? Long.MIN_VALUE : wallMs + delayMs;
        var message = ledger.send(random.nextInt(200), dueMs, isDisk(), key);
        var attributes = PublishAttributes.deferred(delayMs);
        if (key != null) {
            attributes = attributes.withDedup(key.getBytes(StandardCharsets.UTF_8));
        }
        topic.publish(attributes, ledger.body(message).flip(), 0, message.length, new Producer(List.of(message)), 0);
    }

    private final class Producer implements PublishWaiter {
        private final List<TopicLedger.Message> sent;

        Producer(List<TopicLedger.Message> sent) {
            this.sent = sent;
        }

        @Override
        public void onPublished(int ticket) {
            assertThat(deleted).as("%s acknowledges after it was deleted", name).isFalse();
            sent.forEach(message -> ledger.acknowledged(message, isDisk()));
        }

        @Override
        public void onPublishFailed(int ticket, String cause) {
            // The messages may be there or not.
        }
    }

    // ---- consuming

    void join() throws IOException {
        var joining =
                new SimConsumer(CHANNEL, (_, source, position, length, id) -> ledger.read(source, position, length));
        var earlier = consumer;
        if (earlier != null) {
            earlier.joined().leave();
        }
        consumer = null;
        joining.join(topic.obtainChannel(CHANNEL), TIMEOUT_MS);
        joining.joined().ready(1 + random.nextInt(20));
        consumer = joining;
    }

    void answer() {
        var joined = consumer;
        if (joined == null) {
            return;
        }
        for (var held : List.copyOf(joined.held)) {
            joined.held.remove(held);
            if (random.nextInt(10) == 0) {
                joined.joined().requeue(held.id(), 0);
            } else {
                joined.joined().finish(held.id());
            }
        }
    }

    // ---- what is there

    void check() throws IOException {
        assertThat(topic.earliestOffset())
                .as("deleted before it was consumed")
                .isLessThanOrEqualTo(contents.scannedEnd());
        contents.scan(topic);
    }

    /// The same files are served by another object.
    void reopened(Topic anew, boolean powerLost) throws IOException {
        topic = anew;
        consumer = null;
        mayBeDeleted = false;
        if (powerLost) {
            contents.mayRepeat();
            ledger.forgetKeys();
        }
        contents.reopened(topic, powerLost);
        ledger.check(contents.present(topic), powerLost);
    }
}
