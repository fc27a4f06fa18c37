package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What producers know of a topic: which messages they sent, which were acknowledged, and what that promises.
final class TopicLedger {
    private static final int HEADER_BYTES = 16;

    /// How far a message has come, as its producer knows.
    enum Fate {
        /// Sent; it may be stored or not.
        UNKNOWN,
        ACKNOWLEDGED,
        /// Acknowledged under flush disk from the publish on.
        DURABLE
    }

    static final class Message {
        final long id;
        final int length;
        final long dueMs;
        final boolean disk;
        final @Nullable String key;
        Fate fate = Fate.UNKNOWN;
        /// The message with the same key that was acknowledged before this one was sent, if there is one.
        @Nullable Message original;

        Message(long id, int length, long dueMs, boolean disk, @Nullable String key) {
            this.id = id;
            this.length = length;
            this.dueMs = dueMs;
            this.disk = disk;
            this.key = key;
        }
    }

    private final Map<Long, Message> messages = new HashMap<>();
    private final Map<String, Message> byKey = new HashMap<>();
    /// Found in the log or delivered from it, and deleted since because every channel was through.
    final Set<Long> consumed = new HashSet<>();

    /// Deferred messages that were taken back, and those for which that was asked.
    final Set<Long> cancelled = new HashSet<>();

    final Set<Long> mayBeCancelled = new HashSet<>();

    /// A message at an offset: after a power loss the message may be there twice.
    private record Place(long id, long offset) {}

    /// Dropped from the topic before any channel had them, and those for which that was asked.
    private final Set<Place> emptied = new HashSet<>();

    final Set<Long> mayBeEmptied = new HashSet<>();
    private final Set<Long> lost = new HashSet<>();
    private long lastId;

    TopicLedger() {
        this(0);
    }

    /// One whose messages have greater ids, so that those of other ledgers are told apart.
    TopicLedger(long greaterThan) {
        lastId = greaterThan;
    }

    Message send(int length, long dueMs, boolean disk, @Nullable String key) {
        var message = new Message(++lastId, HEADER_BYTES + length, dueMs, disk, key);
        messages.put(message.id, message);
        if (key != null) {
            var earlier = byKey.get(key);
            if (earlier != null && earlier.fate != Fate.UNKNOWN) {
                message.original = earlier;
            } else {
                byKey.put(key, message);
            }
        }
        return message;
    }

    ByteBuffer body(Message message) {
        var body = ByteBuffer.allocate(message.length).putLong(message.id).putLong(~message.id);
        while (body.hasRemaining()) {
            body.put((byte) (message.id + body.position()));
        }
        return body;
    }

    /// The message whose body stands there, byte for byte.
    Message read(ByteBuffer source, int position, int length) {
        assertThat(length).isGreaterThanOrEqualTo(HEADER_BYTES);
        var message = messages.get(source.getLong(position));
        if (message == null) {
            throw new AssertionError("message " + source.getLong(position) + " was never sent");
        }
        assertThat(source.slice(position, length)).isEqualTo(body(message).flip());
        return message;
    }

    void acknowledged(Message message, boolean disk) {
        message.fate = message.disk && disk ? Fate.DURABLE : Fate.ACKNOWLEDGED;
    }

    /// All that were ever to come later.
    Set<Long> deferred() {
        return messages.values().stream()
                .filter(message -> message.dueMs > Long.MIN_VALUE)
                .map(message -> message.id)
                .collect(Collectors.toSet());
    }

    void emptied(long id, long offset) {
        emptied.add(new Place(id, offset));
    }

    boolean isEmptied(long id, long offset) {
        return emptied.contains(new Place(id, offset));
    }

    /// What was noted of the emptying may be lost; nobody waits for what was emptied nevertheless.
    void emptiedMayReturn() {
        emptied.clear();
    }

    /// Whatever is acknowledged must be in `present`, or have been consumed; under a power loss what is durable must.
    void check(Set<Long> present, boolean powerLost) {
        var keys = new HashSet<String>();
        for (long id : present) {
            keyOf(id, keys);
        }
        for (long id : consumed) {
            keyOf(id, keys);
        }
        for (long id : mayBeCancelled) {
            keyOf(id, keys);
        }
        for (long id : mayBeEmptied) {
            keyOf(id, keys);
        }
        for (var message : messages.values()) {
            boolean there = present.contains(message.id)
                    || consumed.contains(message.id)
                    || mayBeCancelled.contains(message.id)
                    || mayBeEmptied.contains(message.id)
                    || (message.key != null && keys.contains(message.key));
            if (message.fate == Fate.UNKNOWN || there || lost.contains(message.id)) {
                continue;
            }
            assertThat(powerLost && message.fate == Fate.ACKNOWLEDGED)
                    .as(
                            "message %d (%s, due %d, key %s) is not there",
                            message.id, message.fate, message.dueMs, message.key)
                    .isTrue();
            lost.add(message.id);
        }
        for (var message : messages.values()) {
            var original = message.original;
            if (original != null && present.contains(message.id)) {
                assertThat(present.contains(original.id) || consumed.contains(original.id))
                        .as("messages %d and %d of key %s are both there", original.id, message.id, message.key)
                        .isFalse();
            }
        }
    }

    private void keyOf(long id, Set<String> keys) {
        var message = messages.get(id);
        if (message != null && message.key != null) {
            keys.add(message.key);
        }
    }

    /// After a loss of what was only with the operating system nobody knows which keys are remembered.
    void forgetKeys() {
        byKey.clear();
        for (var message : messages.values()) {
            message.original = null;
        }
    }

    /// A bit was turned over and the broker said so by cutting a log: what is missing is excused.
    void excuse(Set<Long> present) {
        for (long id : messages.keySet()) {
            if (!present.contains(id)) {
                lost.add(id);
            }
        }
    }
}
