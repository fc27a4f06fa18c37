package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import io.waystation.log.RecordHeaders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The keys by which a topic knows what it has stored before. Confined to the topic's loop.
///
/// Producers give keys when they want to, and the topic's window says for how long they count. Dead letters always have
/// one, the place that they come from: a channel that was killed between a letter's arrival and the writing of its
/// cursor gives the same message up again at its next start, and that is answered and not stored. The two are kept
/// apart, so that neither's bounds are the other's.
final class TopicKeys {
    /// The header that bears a producer's key.
    private static final String HEADER = "waystation-dedup";

    /// How long a dead letter's place is remembered while the broker runs, and after each start. Its channel gives the
    /// message up again soon after the start, or when its pause ends.
    private static final long LETTER_WINDOW_MS = 60 * 60 * 1000L;

    final TopicDeduplication publishes;
    /// Made with the first letter: most topics never get one.
    private @Nullable TopicDeduplication letters;

    private final Supplier<TopicDeduplication> makeLetters;

    TopicKeys(TopicContext context, Loop loop, Path topic, LogSettings settings, PartitionLog messages)
            throws IOException {
        this.publishes = new TopicDeduplication(context, loop, topic, "keys", HEADER, settings, messages);
        this.makeLetters =
                () -> new TopicDeduplication(context, loop, topic, "letters", DeadLetters.SOURCE, settings, messages);
        if (publishes.isStored()) {
            publishes.restore();
        }
        var known = makeLetters.get();
        if (known.isStored()) {
            letters().restore();
            letters().keepStored();
        }
    }

    TopicDeduplication letters() {
        var made = letters;
        if (made == null) {
            made = makeLetters.get();
            made.windowMs(LETTER_WINDOW_MS);
            letters = made;
        }
        return made;
    }

    private List<TopicDeduplication> all() {
        return letters == null ? List.of(publishes) : List.of(publishes, letters);
    }

    static RecordHeaders headers(byte[] key) {
        return RecordHeaders.NONE.with(HEADER, key);
    }

    /// The logs for flushing.
    List<PartitionLog> logs() {
        var logs = new ArrayList<PartitionLog>();
        for (var keys : all()) {
            var log = keys.partition();
            if (log != null) {
                logs.add(log);
            }
        }
        return logs;
    }

    /// The open batches are stored, or not: that of the log, and those of deferred messages. Whether all
    /// keys would outlast the process now.
    boolean appended(boolean logStored, boolean deferredStored) {
        boolean areWritten = publishes.appended(logStored, deferredStored);
        if (letters != null) {
            areWritten &= letters.appended(logStored, deferredStored);
        }
        return areWritten;
    }

    /// Writes what is known of all stored messages, so that these may be deleted: below the offset that is
    /// returned.
    long cover() {
        long coveredEnd = Long.MAX_VALUE;
        for (var keys : all()) {
            coveredEnd = Math.min(coveredEnd, keys.cover());
        }
        return coveredEnd;
    }

    void close() throws IOException {
        for (var keys : all()) {
            keys.close();
        }
    }
}
