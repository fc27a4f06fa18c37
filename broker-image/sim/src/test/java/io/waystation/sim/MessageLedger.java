package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.log.LogReader;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What the outside world knows of a topic's messages: which were acknowledged, which of them may never be lost.
final class MessageLedger {
    /// A message at an offset: a power loss may give the offset to another message, and the message another offset.
    record Place(long offset, long id) {}

    static final class Message {
        final long id;
        final long dueMs;
        boolean acknowledged;
        boolean durable;

        /// Fired more than once is right for it, since a power loss may have taken the mark that it had fired.
        boolean mayRepeat;

        Message(long id, long dueMs) {
            this.id = id;
            this.dueMs = dueMs;
        }

        boolean isDeferred() {
            return dueMs > Long.MIN_VALUE;
        }
    }

    private final Map<Long, Message> messages = new HashMap<>();

    /// What the log holds, by offset.
    private final TreeMap<Long, Long> idByOffset = new TreeMap<>();

    private final Set<Long> present = new HashSet<>();

    private long durableEnd;

    /// Ids of what retention removed.
    private final Set<Long> removed = new HashSet<>();

    Message add(long id, long dueMs) {
        var message = new Message(id, dueMs);
        messages.put(id, message);
        return message;
    }

    void refused(Message message) {
        messages.remove(message.id);
    }

    Message message(long id) {
        var message = messages.get(id);
        if (message == null) {
            throw new AssertionError("message " + id + " was refused or never published");
        }
        return message;
    }

    /// The messages of the log from one offset to before another.
    Set<Place> places(long from, long to) {
        var places = new HashSet<Place>();
        idByOffset.subMap(from, Math.max(from, to)).forEach((offset, id) -> places.add(new Place(offset, id)));
        return places;
    }

    Place place(long offset) {
        var id = idByOffset.get(offset);
        if (id == null) {
            throw new AssertionError("offset " + offset + " is not in the log");
        }
        return new Place(offset, id);
    }

    /// Takes note of what was appended since, and checks that deferred messages are neither early nor repeated.
    void appended(PartitionLog log, long nowMs) throws IOException {
        try (LogReader reader = log.reader()) {
            reader.seek(idByOffset.isEmpty() ? 0 : idByOffset.lastKey() + 1);
            while (reader.next()) {
                appended(reader.offset(), reader.buffer().getLong(reader.position()), nowMs);
            }
        }
    }

    private void appended(long offset, long id, long nowMs) {
        var message = message(id);
        if (message.isDeferred()) {
            assertThat(nowMs).as("time at which message %d fired", id).isGreaterThanOrEqualTo(message.dueMs);
        }
        boolean known = removed.contains(id) || present.contains(id);
        assertThat(known && !message.mayRepeat)
                .as("message %d is in the log twice", id)
                .isFalse();
        idByOffset.put(offset, id);
        present.add(id);
    }

    void removedBelow(long startOffset) {
        var below = idByOffset.headMap(startOffset);
        removed.addAll(below.values());
        below.clear();
        present.clear();
        present.addAll(idByOffset.values());
    }

    /// Everything acknowledged so far was synced.
    void durable(long endOffset) {
        durableEnd = endOffset;
        for (var message : messages.values()) {
            message.durable |= message.acknowledged;
        }
    }

    /// The log as it was opened again must hold what it held, up to what a power loss may take.
    void reopened(PartitionLog log, boolean powerLost, long nowMs) throws IOException {
        removedBelow(log.startOffset());
        var before = new TreeMap<>(idByOffset);
        idByOffset.clear();
        present.clear();
        if (powerLost) {
            for (var message : messages.values()) {
                message.mayRepeat |= message.isDeferred();
            }
        }
        var gone = new HashSet<>(removed);
        if (powerLost) {
            // Removals may have been undone.
            removed.clear();
        }
        appended(log, nowMs);
        gone.removeAll(present);
        removed.addAll(gone);
        for (var entry : before.entrySet()) {
            var found = idByOffset.get(entry.getKey());
            boolean mayBeLost = powerLost && entry.getKey() >= durableEnd;
            if (found == null ? !mayBeLost : !found.equals(entry.getValue())) {
                throw new AssertionError("offset " + entry.getKey() + " held message " + entry.getValue() + ", holds "
                        + found + " (log: " + log.startOffset() + " to " + log.endOffset() + ")");
            }
        }
    }

    /// Acknowledged messages that may not be lost and are not in the log.
    List<Long> missing() {
        var missing = new ArrayList<Long>();
        for (var message : messages.values()) {
            if (message.acknowledged && !present.contains(message.id) && !removed.contains(message.id)) {
                missing.add(message.id);
            }
        }
        return missing;
    }

    /// A power loss excuses what was acknowledged without being synced and is not there.
    void excuse(List<Long> missing) {
        for (long id : missing) {
            if (!message(id).durable) {
                message(id).acknowledged = false;
            }
        }
    }
}
