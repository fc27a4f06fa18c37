package io.waystation.broker.net;

import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Topic;
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
    /// Per publish: ticket, position, count of messages (-1: one without a size before it), length; delays beside.
    private int[] entries = new int[FIELDS * 16];
    private long[] delaysMs = new long[16];
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

    void addOne(ByteBuffer source, int position, int length, long delayMs, int ticket) {
        add(source, position, length, -1, delayMs, ticket);
    }

    void addBatch(ByteBuffer source, int position, int length, int messageCount, int ticket) {
        add(source, position, length, messageCount, 0, ticket);
    }

    private void add(ByteBuffer source, int position, int length, int messageCount, long delayMs, int ticket) {
        if (bytes.remaining() < length) {
            var larger = ByteBuffer.allocate(Math.max(2 * bytes.capacity(), bytes.position() + length));
            bytes.flip();
            larger.put(bytes);
            bytes = larger;
        }
        if (count == delaysMs.length) {
            entries = Arrays.copyOf(entries, 2 * entries.length);
            delaysMs = Arrays.copyOf(delaysMs, 2 * delaysMs.length);
        }
        int at = count * FIELDS;
        entries[at] = ticket;
        entries[at + 1] = bytes.position();
        entries[at + 2] = messageCount;
        entries[at + 3] = length;
        delaysMs[count] = delayMs;
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
                topic.publishDeferred(bytes, position, entries[at + 3], delaysMs[i], waiter, ticket);
            }
        }
    }
}
