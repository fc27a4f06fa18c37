package io.waystation.channel;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a cursor means, in maps and objects.
final class CursorModel {
    static final int QUEUED = 0;
    static final int DEFERRED = -1;

    static final class Message {
        int holder;
        int attempts;
        long deadlineMs;
        long deliveredMs;

        MessageState state() {
            return switch (holder) {
                case QUEUED -> MessageState.WAITING;
                case DEFERRED -> MessageState.DEFERRED;
                default -> MessageState.IN_FLIGHT;
            };
        }
    }

    final TreeMap<Long, Message> unfinished = new TreeMap<>();
    final ArrayDeque<Long> redeliveries = new ArrayDeque<>();
    long next;
    boolean returnsFirst;

    CursorModel(long floor) {
        next = floor;
    }

    long floor() {
        return unfinished.isEmpty() ? next : unfinished.firstKey();
    }

    int count(int holder) {
        int count = 0;
        for (Message message : unfinished.values()) {
            count += message.holder == holder ? 1 : 0;
        }
        return count;
    }

    int attempts(long offset) {
        @Nullable Message message = unfinished.get(offset);
        return message == null ? 0 : message.attempts;
    }

    int inFlight() {
        return unfinished.size() - count(QUEUED) - count(DEFERRED);
    }

    int deliver(long offset, int owner, long nowMs, long deadlineMs) {
        next = Math.max(next, offset + 1);
        Message message = unfinished.computeIfAbsent(offset, _ -> new Message());
        message.holder = owner;
        message.deadlineMs = deadlineMs;
        message.deliveredMs = nowMs;
        return ++message.attempts;
    }

    void park() {
        unfinished.put(next++, new Message());
    }

    void defer(long offset, long dueMs) {
        unfinished.computeIfPresent(offset, (_, message) -> {
            message.holder = DEFERRED;
            message.deadlineMs = dueMs;
            return message;
        });
    }

    void queueInOrder() {
        redeliveries.clear();
        unfinished.forEach((offset, message) -> {
            if (message.holder != DEFERRED) {
                message.holder = QUEUED;
                redeliveries.add(offset);
            }
        });
    }

    /// How many unfinished messages that were.
    long dropBelow(long offset) {
        if (floor() >= offset) {
            return 0;
        }
        queueInOrder();
        long dropped = unfinished.headMap(offset).size() + Math.max(0, offset - next);
        unfinished.headMap(offset).clear();
        redeliveries.removeIf(queued -> queued < offset);
        next = Math.max(next, offset);
        return dropped;
    }

    void skip(long offset) {
        next = Math.max(next, offset + 1);
        unfinished.remove(offset);
    }

    Outcome finish(long offset, int owner) {
        Outcome outcome = check(offset, owner);
        if (outcome == Outcome.DONE) {
            unfinished.remove(offset);
        }
        return outcome;
    }

    Outcome requeue(long offset, int owner, long nowMs, long dueMs) {
        Message message = unfinished.get(offset);
        Outcome outcome = check(offset, owner);
        if (outcome == Outcome.DONE && message != null) {
            if (dueMs <= nowMs) {
                queue(offset);
            } else {
                message.holder = DEFERRED;
                message.deadlineMs = dueMs;
            }
        }
        return outcome;
    }

    Outcome touch(long offset, int owner, long nowMs, long timeoutMs, long maxTimeoutMs) {
        Message message = unfinished.get(offset);
        Outcome outcome = check(offset, owner);
        if (outcome == Outcome.DONE && message != null) {
            message.deadlineMs = Math.min(nowMs + timeoutMs, message.deliveredMs + maxTimeoutMs);
        }
        return outcome;
    }

    int requeueAll(int owner) {
        int count = 0;
        for (Map.Entry<Long, Message> entry : unfinished.entrySet()) {
            if (entry.getValue().holder == owner) {
                queue(entry.getKey());
                count++;
            }
        }
        return count;
    }

    void queue(long offset) {
        unfinished.computeIfPresent(offset, (_, message) -> {
            message.holder = QUEUED;
            return message;
        });
        if (returnsFirst) {
            redeliveries.addFirst(offset);
        } else {
            redeliveries.add(offset);
        }
    }

    void reset(long offset) {
        unfinished.clear();
        redeliveries.clear();
        next = offset;
    }

    long nextDeadlineMs() {
        long earliestMs = Long.MAX_VALUE;
        for (Message message : unfinished.values()) {
            if (message.holder != QUEUED) {
                earliestMs = Math.min(earliestMs, message.deadlineMs);
            }
        }
        return earliestMs;
    }

    private Outcome check(long offset, int owner) {
        @Nullable Message message = unfinished.get(offset);
        if (message == null || message.holder <= 0) {
            return Outcome.NOT_IN_FLIGHT;
        }
        return message.holder == owner ? Outcome.DONE : Outcome.NOT_OWNER;
    }
}
