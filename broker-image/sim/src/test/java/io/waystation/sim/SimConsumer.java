package io.waystation.sim;

import io.waystation.broker.topic.Channel;
import io.waystation.broker.topic.ClientStats;
import io.waystation.broker.topic.Consumer;
import io.waystation.broker.topic.ConsumerOutput;
import io.waystation.broker.topic.ConsumerTerms;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A consumer that checks what it gets and holds it until the simulation answers for it.
final class SimConsumer implements ConsumerOutput {
    record Held(long id, TopicLedger.Message message) {}

    /// Told of each delivery.
    interface Listener {
        TopicLedger.Message delivered(SimConsumer consumer, ByteBuffer source, int position, int length, long id);
    }

    final String channel;
    final List<Held> held = new ArrayList<>();
    private final Listener listener;
    private @Nullable Consumer joined;

    SimConsumer(String channel, Listener listener) {
        this.channel = channel;
        this.listener = listener;
    }

    void join(Channel target, long timeoutMs) {
        joined = Objects.requireNonNull(target.join(this, new ConsumerTerms(timeoutMs, timeoutMs, 0, null), 0));
    }

    Consumer joined() {
        return Objects.requireNonNull(joined);
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void push(ByteBuffer source, int position, int length, long timestampNs, int attempts, long id) {
        held.add(new Held(id, listener.delivered(this, source, position, length, id)));
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
        held.clear();
    }
}
