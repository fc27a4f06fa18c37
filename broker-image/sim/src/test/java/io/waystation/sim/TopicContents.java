package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.Topic;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/// Which messages a topic's log holds and at which offsets, as a simulation reads it.
final class TopicContents {
    private final TopicLedger ledger;
    /// By message.
    private final Map<Long, Long> offsets = new HashMap<>();

    private Map<Long, Long> remembered = Map.of();
    private long scannedEnd;
    private boolean mayRepeat;

    TopicContents(TopicLedger ledger) {
        this.ledger = ledger;
    }

    /// From now on a message may be in the log twice: something was lost that told that it is there.
    void mayRepeat() {
        mayRepeat = true;
    }

    /// What is below it was read.
    long scannedEnd() {
        return scannedEnd;
    }

    void forEach(BiConsumer<Long, Long> idAndOffset) {
        offsets.forEach(idAndOffset);
    }

    void remember() {
        remembered = Map.copyOf(offsets);
    }

    void recall() {
        offsets.clear();
        offsets.putAll(remembered);
    }

    /// The topic was opened anew.
    void reopened(Topic topic, boolean powerLost) throws IOException {
        var before = new HashMap<>(offsets);
        offsets.clear();
        scannedEnd = topic.earliestOffset();
        scan(topic);
        before.forEach((id, offset) -> {
            if (offset < topic.earliestOffset() && !offsets.containsKey(id)) {
                ledger.consumed.add(id);
            }
        });
        if (powerLost) {
            // Deletions may have been undone.
            ledger.consumed.removeAll(offsets.keySet());
        }
    }

    /// What is below the offset is gone unread, and it is known why.
    void passed(long offset) {
        scannedEnd = Math.max(scannedEnd, offset);
    }

    /// Reads what came since, and forgets what was deleted.
    void scan(Topic topic) throws IOException {
        try (var reader = topic.reader()) {
            reader.seek(scannedEnd);
            while (reader.next()) {
                found(ledger.read(reader.buffer(), reader.position(), reader.length()).id, reader.offset());
                scannedEnd = reader.offset() + 1;
            }
        }
        offsets.entrySet().removeIf(entry -> {
            boolean gone = entry.getValue() < topic.earliestOffset();
            if (gone) {
                ledger.consumed.add(entry.getKey());
            }
            return gone;
        });
    }

    private void found(long id, long offset) {
        boolean repeated = offsets.containsKey(id) || ledger.consumed.contains(id);
        assertThat(repeated && !mayRepeat)
                .as("message %d is in the log twice", id)
                .isFalse();
        assertThat(ledger.cancelled.contains(id) && !mayRepeat)
                .as("message %d was taken back", id)
                .isFalse();
        offsets.put(id, offset);
    }

    /// In the log or deferred.
    Set<Long> present(Topic topic) throws IOException {
        var present = new HashSet<>(offsets.keySet());
        String next = null;
        do {
            next = topic.listDeferred(
                    next,
                    1000,
                    (id, dueMs, timestampMs, source, position, length) -> present.add(source.getLong(position)));
        } while (next != null);
        return present;
    }
}
