package io.waystation.broker.net;

import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Topic;
import io.waystation.wire.PublishAttributes;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// What one connection published in one pass to a topic of another loop: handed over as a whole, once.
///
/// Filled on the connection's loop, then given away to the topic's loop, which only reads it; answers come back through
/// the waiter it was made with.
final class RemotePublishes {
    private static final int FIELDS = 4;

    private final Topic topic;
    private ByteBuffer bytes;
    /// Per publish: ticket, position, count of messages (-1: one without a size before it), length; attributes beside.
    private int[] entries = new int[FIELDS * 16];
    private PublishAttributes[] attributes = new PublishAttributes[16];
    private int count;

    RemotePublishes(Topic topic, int firstBytes) {
        this.topic = topic;
        this.bytes = ByteBuffer.allocate(Math.max(firstBytes, 4096));
    }

    Topic topic() {
        return topic;
    }

    int sizeBytes() {
        return bytes.position();
    }

    void addOne(PublishAttributes its, ByteBuffer source, int position, int length, int ticket) {
        add(source, position, length, -1, its, ticket);
    }

    void addBatch(ByteBuffer source, int position, int length, int messageCount, int ticket) {
        add(source, position, length, messageCount, PublishAttributes.NONE, ticket);
    }

    private void add(ByteBuffer source, int position, int length, int messageCount, PublishAttributes its, int ticket) {
        if (bytes.remaining() < length) {
            var larger = ByteBuffer.allocate(Math.max(2 * bytes.capacity(), bytes.position() + length));
            bytes.flip();
            larger.put(bytes);
            bytes = larger;
        }
        if (count == attributes.length) {
            entries = Arrays.copyOf(entries, 2 * entries.length);
            attributes = Arrays.copyOf(attributes, 2 * attributes.length);
        }
        int at = count * FIELDS;
        entries[at] = ticket;
        entries[at + 1] = bytes.position();
        entries[at + 2] = messageCount;
        entries[at + 3] = length;
        attributes[count] = its;
        bytes.put(bytes.position(), source, position, length);
        bytes.position(bytes.position() + length);
        count++;
    }

    /// Publishes everything; on the topic's loop.
    void publish(PublishWaiter waiter) {
        for (int i = 0; i < count; i++) {
            int at = i * FIELDS;
            int ticket = entries[at];
            int position = entries[at + 1];
            int messageCount = entries[at + 2];
            if (messageCount >= 0) {
                topic.publishBatch(bytes, position, messageCount, waiter, ticket);
            } else {
                topic.publish(attributes[i], bytes, position, entries[at + 3], waiter, ticket);
            }
        }
    }
}
