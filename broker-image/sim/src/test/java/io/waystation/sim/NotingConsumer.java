package io.waystation.sim;

import io.waystation.broker.topic.ClientStats;
import io.waystation.broker.topic.Consumer;
import io.waystation.broker.topic.ConsumerOutput;
import io.waystation.broker.topic.ConsumerTerms;
import io.waystation.broker.topic.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A consumer of ten messages at a time that takes note of what it gets and answers when it is told to.
final class NotingConsumer implements ConsumerOutput {
    private static final long TIMEOUT_MS = 60_000;
    private static final int READY_COUNT = 10;

    record Taken(String body, int attempts, long id) {
        @Override
        public String toString() {
            return body + " " + attempts;
        }
    }

    final List<Taken> taken = new ArrayList<>();
    private int answered;
    private @Nullable Consumer joined;

    static NotingConsumer join(Topic topic, String channel) throws IOException {
        var consumer = new NotingConsumer();
        var terms = new ConsumerTerms(TIMEOUT_MS, TIMEOUT_MS, 0, null);
        consumer.joined = topic.obtainChannel(channel).join(consumer, terms, 0);
        consumer.joined().ready(READY_COUNT);
        return consumer;
    }

    Consumer joined() {
        return Objects.requireNonNull(joined);
    }

    List<String> bodies() {
        return taken.stream().map(Taken::body).toList();
    }

    /// Each body with the number of its deliveries.
    List<String> deliveries() {
        return taken.stream().map(Taken::toString).toList();
    }

    long lastId() {
        return taken.getLast().id;
    }

    /// Finishes what it did not answer yet.
    void finish() {
        for (var message : unanswered()) {
            joined().finish(message.id);
        }
    }

    /// Requeues what it did not answer yet.
    void requeue() {
        for (var message : unanswered()) {
            joined().requeue(message.id, 0);
        }
    }

    private List<Taken> unanswered() {
        var unanswered = List.copyOf(taken.subList(answered, taken.size()));
        answered = taken.size();
        return unanswered;
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void push(ByteBuffer source, int position, int length, long timestampNs, int attempts, long id) {
        var body = new byte[length];
        source.get(position, body);
        taken.add(new Taken(new String(body, StandardCharsets.US_ASCII), attempts, id));
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
