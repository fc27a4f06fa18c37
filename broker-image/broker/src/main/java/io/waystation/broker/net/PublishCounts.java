package io.waystation.broker.net;

import java.util.Map;
import java.util.TreeMap;

/// How many messages a connection has published, by topic. Confined to the connection's loop.
///
/// A client may name any number of topics, so only so many of them have a count of their own: [#MAX_TOPICS] of one
/// connection, and over all connections as many as the room allows. The others share one.
final class PublishCounts {
    /// In place of a topic: those without a count of their own. Not a name that NSQ allows.
    static final String OTHER = "(other)";

    static final int MAX_TOPICS = 1000;
    /// Counts of all connections together.
    static final int MAX_COUNTS = 200_000;

    private final Room room;
    private final Map<String, Long> counts = new TreeMap<>();
    private long otherCount;
    private boolean closed;

    PublishCounts(Room room) {
        this.room = room;
    }

    void add(String topic, long messages) {
        var earlier = counts.get(topic);
        if (earlier != null) {
            counts.put(topic, earlier + messages);
        } else if (!closed && counts.size() < MAX_TOPICS && room.take(1)) {
            counts.put(topic, messages);
        } else {
            otherCount += messages;
        }
    }

    boolean isEmpty() {
        return counts.isEmpty() && otherCount == 0;
    }

    Map<String, Long> copy() {
        var copy = new TreeMap<>(counts);
        if (otherCount > 0) {
            copy.put(OTHER, otherCount);
        }
        return copy;
    }

    /// The connection is closed: others may use its room.
    void close() {
        closed = true;
        room.give(counts.size());
        counts.clear();
    }
}
