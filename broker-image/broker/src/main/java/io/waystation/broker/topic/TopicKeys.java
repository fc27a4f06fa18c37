package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import io.waystation.log.RecordHeaders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The keys by which a topic knows what it has stored before. Confined to the topic's loop.
///
/// Producers give keys when they want to, and the topic's window says for how long they count. Dead letters always have
/// one, the place that they come from: a channel that was killed between a letter's arrival and the writing of its
/// cursor gives the same message up again at its next start, and that is answered and not stored. The two are kept
/// apart, so that neither's bounds are the other's.
final class TopicKeys {
    /// The header that bears a producer's key.
    private static final String HEADER = "waystation-dedup";

    /// How long a dead letter's place is remembered: what a restart may take.
    private static final long LETTER_WINDOW_MS = 60 * 60 * 1000L;

    final TopicDeduplication publishes;
    final TopicDeduplication letters;

    TopicKeys(TopicContext context, Loop loop, Path topic, LogSettings settings, PartitionLog messages)
            throws IOException {
        this.publishes = new TopicDeduplication(context, loop, topic.resolve("keys"), HEADER, settings, messages);
        this.letters =
                new TopicDeduplication(context, loop, topic.resolve("letters"), DeadLetters.SOURCE, settings, messages);
        letters.windowMs(LETTER_WINDOW_MS);
    }

    static RecordHeaders headers(byte[] key) {
        return RecordHeaders.NONE.with(HEADER, key);
    }

    /// The logs for flushing.
    List<PartitionLog> logs() {
        var logs = new ArrayList<PartitionLog>();
        for (var keys : List.of(publishes, letters)) {
            var log = keys.partition();
            if (log != null) {
                logs.add(log);
            }
        }
        return logs;
    }

    /// The open batches are stored, or not: that of the log, and those of deferred messages.
    void appended(boolean logStored, boolean deferredStored) {
        publishes.appended(logStored, deferredStored);
        letters.appended(logStored, deferredStored);
    }

    /// Writes what is known of all stored messages, so that these may be deleted.
    void cover() {
        publishes.cover();
        letters.cover();
    }

    void close() throws IOException {
        publishes.close();
        letters.close();
    }
}
