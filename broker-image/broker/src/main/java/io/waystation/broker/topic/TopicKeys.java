package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.log.FileStore;
import io.waystation.log.PartitionLog;
import io.waystation.log.RecordHeaders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// The keys by which a topic knows what it has stored before. Confined to the topic's loop.
///
/// Producers give keys when they want to, and the topic's window says for how long they count. Dead letters always have
/// one, the place that they come from: a channel that was killed between a letter's arrival and the writing of its
/// cursor gives the same message up again at its next start, and that is answered and not stored. The two are kept
/// apart, so that neither's bounds are the other's. Most topics never get either, so each is made with its first key.
final class TopicKeys {
    /// The header that bears a producer's key.
    private static final String HEADER = "waystation-dedup";

    private static final String PUBLISHES = "keys";
    private static final String LETTERS = "letters";

    /// How long a dead letter's place is remembered while the broker runs, and after each start. Its channel gives the
    /// message up again soon after the start, or when its pause ends.
    private static final long LETTER_WINDOW_MS = 60 * 60 * 1000L;

    private final TopicContext context;
    private final Loop loop;
    private final Path topic;
    private final PartitionLog messages;
    private @Nullable TopicDeduplication publishes;
    private @Nullable TopicDeduplication letters;
    private long windowMs;

    /// @param files by which what is stored is opened
    /// @param topic the topic's directory
    TopicKeys(TopicContext context, FileStore files, Loop loop, Path topic, PartitionLog messages) throws IOException {
        this.context = context;
        this.loop = loop;
        this.topic = topic;
        this.messages = messages;
        if (files.exists(topic.resolve(PUBLISHES))) {
            publishes().restore(files);
        }
        if (files.exists(topic.resolve(LETTERS))) {
            letters().restore(files);
            letters().keepStored();
        }
    }

    TopicDeduplication publishes() {
        if (publishes == null) {
            publishes = known(PUBLISHES, HEADER, windowMs);
        }
        return publishes;
    }

    TopicDeduplication letters() {
        if (letters == null) {
            letters = known(LETTERS, DeadLetters.SOURCE, LETTER_WINDOW_MS);
        }
        return letters;
    }

    private TopicDeduplication known(String name, String header, long keptMs) {
        var made =
                new TopicDeduplication(context, loop, topic.resolve(name), header, context.logSettings(loop), messages);
        made.windowMs(keptMs);
        return made;
    }

    private List<TopicDeduplication> all() {
        var all = new ArrayList<TopicDeduplication>(2);
        if (publishes != null) {
            all.add(publishes);
        }
        if (letters != null) {
            all.add(letters);
        }
        return all;
    }

    static RecordHeaders headers(byte[] key) {
        return RecordHeaders.NONE.with(HEADER, key);
    }

    /// How long the keys of producers count.
    void windowMs(long newWindowMs) {
        windowMs = newWindowMs;
        if (publishes != null) {
            publishes.windowMs(newWindowMs);
        }
    }

    /// Forgets the keys of deferred messages that a power loss took.
    void verify(LongPredicate wasStored) throws IOException {
        if (publishes != null) {
            publishes.verify(wasStored);
        }
    }

    /// Deferred messages went to the log, from the offset on.
    void fired(long fromOffset) throws IOException {
        if (publishes != null) {
            publishes.fired(fromOffset);
        }
    }

    /// Publishes that were answered and not stored, since the process began.
    long duplicateCount() {
        return publishes == null ? 0 : publishes.duplicateCount();
    }

    /// Keys of producers forgotten before their time, since the process began.
    long evictedCount() {
        return publishes == null ? 0 : publishes.evictedCount();
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

    /// The open batches are stored, or not: that of the log, and those of deferred messages. Whether all keys would
    /// outlast the process now.
    boolean appended(boolean logStored, boolean deferredStored) {
        boolean areWritten = publishes == null || publishes.appended(logStored, deferredStored);
        if (letters != null) {
            areWritten &= letters.appended(logStored, deferredStored);
        }
        return areWritten;
    }

    /// Writes what is known of all stored messages, so that these may be deleted: below the offset that is returned.
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
