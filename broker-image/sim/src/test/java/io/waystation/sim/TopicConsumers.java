package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.wire.MessageId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Consumers of a topic's channels that answer at random, and take note of what they had and finished.
final class TopicConsumers {
    private static final long TIMEOUT_MS = 2_000;
    private static final int MAX_CONSUMERS = 6;

    private final TopicWorld world;
    private final List<SimConsumer> consumers = new ArrayList<>();

    TopicConsumers(TopicWorld world) {
        this.world = world;
    }

    private TopicLedger.Message delivered(SimConsumer consumer, ByteBuffer source, int position, int length, long id) {
        var message = world.ledger.read(source, position, length);
        long offset = MessageId.offset(id);
        assertThat(world.loop.highestWallMs())
                .as("time at which message %d came", message.id)
                .isGreaterThanOrEqualTo(message.dueMs);
        assertThat(world.ledger.isEmptied(message.id, offset))
                .as("message %d (offset %d) was emptied", message.id, offset)
                .isFalse();
        var channel = world.channels.get(consumer.channel);
        if (channel != null) {
            channel.delivered(message.id, offset);
        }
        return message;
    }

    void answer() {
        if (consumers.isEmpty()) {
            return;
        }
        var consumer = consumers.get(world.random.nextInt(consumers.size()));
        int finishPercent = world.random.nextInt(100);
        for (var held : List.copyOf(consumer.held)) {
            int dice = world.random.nextInt(100);
            if (dice < finishPercent) {
                finish(consumer, held);
            } else if (dice > 90) {
                consumer.joined().requeue(held.id(), world.random.nextInt(3) * 300L);
                consumer.held.remove(held);
            } else if (dice > 88) {
                consumer.joined().touch(held.id(), 3 * TIMEOUT_MS);
            }
        }
    }

    private void finish(SimConsumer consumer, SimConsumer.Held held) {
        consumer.held.remove(held);
        var channel = world.channels.get(consumer.channel);
        if (consumer.joined().finish(held.id()) == null && channel != null) {
            channel.finished(held.message().id, MessageId.offset(held.id()), world.loop.monotonicMs());
        }
    }

    void finishAll() {
        for (var consumer : consumers) {
            for (var held : List.copyOf(consumer.held)) {
                finish(consumer, held);
            }
        }
    }

    void joinOrLeave() throws IOException {
        if (consumers.size() >= MAX_CONSUMERS || (!consumers.isEmpty() && world.random.nextInt(3) == 0)) {
            consumers.remove(world.random.nextInt(consumers.size())).joined().leave();
        } else if (!world.channels.isEmpty()) {
            var names = List.copyOf(world.channels.keySet());
            join(names.get(world.random.nextInt(names.size())), 1 + world.random.nextInt(20));
        }
    }

    private void join(String name, int ready) throws IOException {
        var consumer = new SimConsumer(name, this::delivered);
        consumer.join(world.topic.obtainChannel(name), TIMEOUT_MS);
        consumer.joined().ready(ready);
        consumers.add(consumer);
    }

    /// One for each channel, which takes whatever comes, in the place of those that are there.
    void joinAll() throws IOException {
        for (var consumer : consumers) {
            consumer.joined().leave();
        }
        consumers.clear();
        for (var known : world.channels.values()) {
            join(known.name, 1000);
        }
    }

    /// The channel is no more.
    void closed(String channel) {
        consumers.removeIf(consumer -> consumer.channel.equals(channel));
    }

    /// The process is no more.
    void lost() {
        consumers.clear();
    }
}
