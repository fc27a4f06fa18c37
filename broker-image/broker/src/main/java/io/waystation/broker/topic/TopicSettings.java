package io.waystation.broker.topic;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// How one topic is kept. Immutable.
///
/// @param flush when a publish is answered
/// @param retention how long messages are kept
/// @param deduplicationWindowMs how long a key given at publish is remembered; 0: not at all
/// @param maxMessageBytes of one message
/// @param maxDeferMs the longest delay of a publish
public record TopicSettings(
        Flush flush, Retention retention, long deduplicationWindowMs, int maxMessageBytes, long maxDeferMs) {
    /// The longest delay that may be asked for: ten years.
    public static final long LONGEST_DEFER_MS = 10L * 366 * 24 * 60 * 60 * 1000;

    public static final long LONGEST_WINDOW_MS = 7L * 24 * 60 * 60 * 1000;

    /// When a publish is answered.
    public enum Flush {
        /// When the operating system has it: survives the end of the process.
        OS,
        /// When it is flushed: survives a power loss.
        DISK
    }

    /// How long messages are kept.
    ///
    /// @param timeMs only with BOUNDED: segments whose youngest message is older go; 0: no bound
    /// @param sizeBytes only with BOUNDED: the oldest segments go while the rest is still as large; 0: no bound
    public record Retention(Policy policy, long timeMs, long sizeBytes) {
        public static final Retention CONSUMED = new Retention(Policy.CONSUMED, 0, 0);

        public enum Policy {
            /// Until every channel is past them.
            CONSUMED,
            /// As long as the bounds allow, consumed or not.
            BOUNDED
        }

        boolean isBounded() {
            return policy == Policy.BOUNDED;
        }
    }

    /// What was set for one topic; where it is null the broker's default counts.
    public record Declared(
            @Nullable Flush flush,
            @Nullable Retention retention,
            @Nullable Long deduplicationWindowMs,
            @Nullable Integer maxMessageBytes,
            @Nullable Long maxDeferMs) {
        public static final Declared NOTHING = new Declared(null, null, null, null, null);

        /// These, and those of `later` that are given.
        public Declared with(Declared later) {
            return new Declared(
                    later.flush == null ? flush : later.flush,
                    later.retention == null ? retention : later.retention,
                    later.deduplicationWindowMs == null ? deduplicationWindowMs : later.deduplicationWindowMs,
                    later.maxMessageBytes == null ? maxMessageBytes : later.maxMessageBytes,
                    later.maxDeferMs == null ? maxDeferMs : later.maxDeferMs);
        }

        /// The defaults themselves when nothing was set, as for most of many topics.
        TopicSettings over(TopicSettings defaults) {
            if (equals(NOTHING)) {
                return defaults;
            }
            return new TopicSettings(
                    flush == null ? defaults.flush() : flush,
                    retention == null ? defaults.retention() : retention,
                    deduplicationWindowMs == null ? defaults.deduplicationWindowMs() : deduplicationWindowMs,
                    // The flag bounds what is read at all.
                    maxMessageBytes == null
                            ? defaults.maxMessageBytes()
                            : Math.min(maxMessageBytes, defaults.maxMessageBytes()),
                    maxDeferMs == null ? defaults.maxDeferMs() : maxDeferMs);
        }

        /// As words `key=value`, in the order of the fields.
        String toProperty() {
            var text = new StringBuilder();
            add(text, "flush", flush);
            if (retention != null) {
                add(text, "retention", retention.policy());
                add(text, "retentionTimeMs", retention.timeMs());
                add(text, "retentionSizeBytes", retention.sizeBytes());
            }
            add(text, "deduplicationWindowMs", deduplicationWindowMs);
            add(text, "maxMessageBytes", maxMessageBytes);
            add(text, "maxDeferMs", maxDeferMs);
            return text.toString();
        }

        private static void add(StringBuilder text, String key, @Nullable Object value) {
            if (value != null) {
                text.append(text.isEmpty() ? "" : " ").append(key).append('=').append(value);
            }
        }

        static Declared fromProperty(@Nullable String text) {
            var declared = NOTHING;
            if (text == null || text.isEmpty()) {
                return declared;
            }
            var words = new HashMap<String, String>();
            for (var word : text.split(" ", -1)) {
                int equals = word.indexOf('=');
                words.put(word.substring(0, equals), word.substring(equals + 1));
            }
            return new Declared(
                    read(words.get("flush"), Flush::valueOf),
                    read(words.get("retention"), policy -> retention(policy, words)),
                    read(words.get("deduplicationWindowMs"), Long::valueOf),
                    read(words.get("maxMessageBytes"), Integer::valueOf),
                    read(words.get("maxDeferMs"), Long::valueOf));
        }

        private static <T> @Nullable T read(@Nullable String value, Function<String, T> parser) {
            return value == null ? null : parser.apply(value);
        }

        private static Retention retention(String policy, Map<String, String> words) {
            return new Retention(
                    Retention.Policy.valueOf(policy),
                    Long.parseLong(words.getOrDefault("retentionTimeMs", "0")),
                    Long.parseLong(words.getOrDefault("retentionSizeBytes", "0")));
        }
    }
}
