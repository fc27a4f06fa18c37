package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Cursor;
import io.waystation.channel.Delivery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the outside world knows of a channel with rules: each message and what became of it.
final class RuleLedger {
    /// @param key -1: none
    record Message(long offset, long id, int key, long timestampMs) {}

    private final List<Message> messages = new ArrayList<>();

    /// Finished, dropped or in the dead-letter topic.
    private final Set<Long> done = new HashSet<>();

    /// Those of which the broker said that it has written it.
    private Set<Long> written = Set.of();

    /// Those of them that are flushed.
    private Set<Long> flushed = Set.of();

    /// How often a message was delivered, as is written, and as is flushed.
    private final Map<Long, Integer> attempts = new HashMap<>();

    /// When a message that was given back with a delay may come, as is written, and as is flushed.
    private final Map<Long, Long> dues = new HashMap<>();

    private Map<Long, Long> writtenDues = Map.of();
    private Map<Long, Long> flushedDues = Map.of();

    private Map<Long, Integer> writtenAttempts = Map.of();
    private Map<Long, Integer> flushedAttempts = Map.of();

    /// A kill came between the end of these and its writing: they may come and end again.
    private final Set<Long> mayRepeat = new HashSet<>();

    private final Map<Long, Integer> finished = new HashMap<>();
    private final Map<Long, Integer> dropped = new HashMap<>();
    private final Map<Long, Integer> deadLetters = new HashMap<>();
    private final Map<Long, Integer> inFlight = new HashMap<>();
    private long floor;
    private long writtenFloor;
    private long flushedFloor;

    int size() {
        return messages.size();
    }

    Message message(long offset) {
        return messages.get((int) offset);
    }

    void stored(Message message) {
        assertThat(message.offset).isEqualTo(messages.size());
        messages.add(message);
    }

    int inFlightOf(int owner) {
        return (int)
                inFlight.values().stream().filter(holder -> holder == owner).count();
    }

    List<Long> heldBy(int owner) {
        return inFlight.entrySet().stream()
                .filter(entry -> entry.getValue() == owner)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    // What happens

    void pushed(long offset, int owner, int attempt, ChannelSettings rules, long wallMs, boolean disk) {
        var message = message(offset);
        assertThat(done).as("done messages").doesNotContain(offset);
        assertThat(inFlight).as("messages in flight").doesNotContainKey(offset);
        if (rules.maxAttempts() > 0) {
            assertThat(attempt).as("attempts of %s", message).isLessThanOrEqualTo(rules.maxAttempts());
        }
        if (rules.timeToLiveMs() > 0) {
            assertThat(wallMs - message.timestampMs).as("age of %s", message).isLessThanOrEqualTo(rules.timeToLiveMs());
        }
        if (rules.delivery() == Delivery.EXCLUSIVE) {
            requireDoneBefore(message, false);
            assertThat(disk ? flushed : written)
                    .as("what is durable before the next push")
                    .containsAll(done);
        } else if (rules.delivery() == Delivery.KEY_SHARED && message.key >= 0) {
            requireDoneBefore(message, true);
        }
        assertThat(attempt).as("attempts of %s", message).isEqualTo(attempts.merge(offset, 1, Integer::sum));
        inFlight.put(offset, owner);
    }

    private void requireDoneBefore(Message message, boolean sameKeyOnly) {
        for (var earlier : messages.subList(0, (int) message.offset)) {
            if (!sameKeyOnly || earlier.key == message.key) {
                assertThat(done)
                        .as("%s is pushed before %s is done", message, earlier)
                        .contains(earlier.offset);
            }
        }
    }

    void finished(long offset) {
        inFlight.remove(offset);
        ended(offset, finished);
    }

    void back(long offset, long dueMs) {
        inFlight.remove(offset);
        dues.put(offset, dueMs);
    }

    void checkDelay(long offset, long trueMs) {
        assertThat(trueMs)
                .as("time of a push of offset %d", offset)
                .isGreaterThanOrEqualTo(dues.getOrDefault(offset, trueMs));
        dues.remove(offset);
    }

    void dropped(long offset) {
        ended(offset, dropped);
    }

    /// It is in the dead-letter topic's log, whatever the channel knows.
    void deadLetter(long offset) {
        deadLetters.merge(offset, 1, Integer::sum);
    }

    void deadLetterAnswered(long offset) {
        done.add(offset);
    }

    private void ended(long offset, Map<Long, Integer> outcome) {
        outcome.merge(offset, 1, Integer::sum);
        done.add(offset);
    }

    void written() {
        written = Set.copyOf(done);
        writtenAttempts = Map.copyOf(attempts);
        writtenDues = Map.copyOf(dues);
        writtenFloor = floor;
    }

    /// What is written is flushed.
    void flushed() {
        flushed = written;
        flushedAttempts = writtenAttempts;
        flushedDues = writtenDues;
        flushedFloor = writtenFloor;
    }

    /// The process ended and the cursor was read again.
    ///
    /// @param underWay to the dead-letter topic, unanswered
    void reopened(Cursor cursor, Set<Long> underWay, boolean powerLost) {
        if (powerLost) {
            written = flushed;
            writtenAttempts = flushedAttempts;
            writtenDues = flushedDues;
            writtenFloor = flushedFloor;
        }
        inFlight.clear();
        var uncertain = new HashSet<>(done);
        uncertain.removeAll(written);
        uncertain.addAll(underWay);
        mayRepeat.addAll(uncertain);
        var known = new HashSet<Long>();
        dues.clear();
        for (long offset = 0; offset < messages.size(); offset++) {
            if (offset < cursor.next() && !cursor.isUnfinished(offset)) {
                known.add(offset);
            } else {
                int kept = cursor.attempts(offset);
                assertThat(kept)
                        .as("attempts of offset %d", offset)
                        .isBetween(writtenAttempts.getOrDefault(offset, 0), attempts.getOrDefault(offset, 0));
                attempts.put(offset, kept);
                var due = writtenDues.get(offset);
                if (due != null && kept == writtenAttempts.getOrDefault(offset, 0)) {
                    dues.put(offset, due);
                }
            }
        }
        assertThat(known).as("done messages after a restart").containsAll(written);
        var ended = new HashSet<>(done);
        ended.addAll(underWay);
        assertThat(ended).as("messages done before the restart").containsAll(known);
        done.retainAll(known);
        done.addAll(known);
        assertThat(cursor.floor()).as("floor after a restart").isGreaterThanOrEqualTo(writtenFloor);
        floor = cursor.floor();
        written();
        if (powerLost) {
            flushed();
        }
    }

    void check(Cursor cursor) {
        assertThat(cursor.floor()).isGreaterThanOrEqualTo(floor);
        assertThat(cursor.inFlightCount()).isEqualTo(inFlight.size());
        floor = cursor.floor();
    }

    /// In the end each message has ended in exactly one way, unless a kill excuses another.
    void checkEnd() {
        for (var message : messages) {
            int ends = finished.getOrDefault(message.offset, 0)
                    + dropped.getOrDefault(message.offset, 0)
                    + deadLetters.getOrDefault(message.offset, 0);
            if (mayRepeat.contains(message.offset)) {
                assertThat(ends).as("ends of %s", message).isPositive();
            } else {
                assertThat(ends).as("ends of %s", message).isEqualTo(1);
            }
        }
    }
}
