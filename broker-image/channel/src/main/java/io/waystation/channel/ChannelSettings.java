package io.waystation.channel;

import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The rules of a channel, as its cursor log remembers them. Immutable.
///
/// @param messageTimeoutMs how long a consumer may take for a message unless it asked for another timeout itself; 0: as
///     long as the broker's flag says
/// @param maxAttempts a message that was delivered so often is not delivered again; 0: no limit
/// @param deadLetterTopic where messages go that the channel gives up; null: they are dropped, which is counted and
///     logged
/// @param timeToLiveMs a message older than this is given up; 0: none is
public record ChannelSettings(
        Delivery delivery,
        long messageTimeoutMs,
        int maxAttempts,
        @Nullable String deadLetterTopic,
        long timeToLiveMs,
        RequeueBackoff requeueBackoff) {

    /// NSQ's contract.
    public static final ChannelSettings DEFAULT =
            new ChannelSettings(Delivery.SHARED, 0, 0, null, 0, RequeueBackoff.NONE);

    /// Attempts have 16 bits on the wire, and stay at the largest number: a higher limit would never be reached.
    public static final int LARGEST_MAX_ATTEMPTS = 65535;

    public ChannelSettings {
        require(messageTimeoutMs, Cursor.MAX_DELAY_MS, "messageTimeout", " ms");
        require(maxAttempts, LARGEST_MAX_ATTEMPTS, "maxAttempts", "");
        require(timeToLiveMs, Long.MAX_VALUE / 2, "timeToLive", " ms");
    }

    private static void require(long value, long largest, String name, String unit) {
        if (value < 0 || value > largest) {
            throw new IllegalArgumentException(name + ": " + value + unit + " (expected: 0 to " + largest + ")");
        }
    }

    /// Words of `name=value`, those that differ from the default only; values have no blanks.
    String toProperty() {
        var text = new StringBuilder();
        word(text, "delivery", delivery.text(), DEFAULT.delivery.text());
        word(text, "messageTimeoutMs", messageTimeoutMs, 0L);
        word(text, "maxAttempts", maxAttempts, 0);
        word(text, "deadLetterTopic", deadLetterTopic == null ? "" : deadLetterTopic, "");
        word(text, "timeToLiveMs", timeToLiveMs, 0L);
        word(text, "requeueMinMs", requeueBackoff.minMs(), RequeueBackoff.NONE.minMs());
        word(text, "requeueMaxMs", requeueBackoff.maxMs(), RequeueBackoff.NONE.maxMs());
        word(text, "requeueFactor", requeueBackoff.factor(), RequeueBackoff.NONE.factor());
        return text.toString();
    }

    private static void word(StringBuilder text, String name, Object value, Object absent) {
        if (!value.equals(absent)) {
            text.append(text.isEmpty() ? "" : " ").append(String.format(Locale.ROOT, "%s=%s", name, value));
        }
    }

    /// Reads what [#toProperty()] wrote. A rule that is not known is one of a later release, and must not pass as none.
    static ChannelSettings fromProperty(String text) throws IOException {
        var words = new Words();
        for (var word : text.isEmpty() ? new String[0] : text.split(" ")) {
            int equals = word.indexOf('=');
            try {
                words.read(word.substring(0, Math.max(equals, 0)), word.substring(equals + 1));
            } catch (IllegalArgumentException malformed) {
                throw new IOException("rule '" + word + "' of a channel: " + malformed.getMessage(), malformed);
            }
        }
        return words.settings();
    }

    private static final class Words {
        private Delivery delivery = DEFAULT.delivery;
        private long messageTimeoutMs;
        private int maxAttempts;
        private @Nullable String deadLetterTopic;
        private long timeToLiveMs;
        private long requeueMinMs;
        private long requeueMaxMs;
        private double requeueFactor = RequeueBackoff.NONE.factor();

        void read(String name, String value) {
            switch (name) {
                case "delivery" -> delivery = Delivery.of(value);
                case "messageTimeoutMs" -> messageTimeoutMs = Long.parseLong(value);
                case "maxAttempts" -> maxAttempts = Integer.parseInt(value);
                case "deadLetterTopic" -> deadLetterTopic = value;
                case "timeToLiveMs" -> timeToLiveMs = Long.parseLong(value);
                case "requeueMinMs" -> requeueMinMs = Long.parseLong(value);
                case "requeueMaxMs" -> requeueMaxMs = Long.parseLong(value);
                case "requeueFactor" -> requeueFactor = Double.parseDouble(value);
                default -> throw new IllegalArgumentException("not known (a later release wrote it)");
            }
        }

        ChannelSettings settings() {
            return new ChannelSettings(
                    delivery,
                    messageTimeoutMs,
                    maxAttempts,
                    deadLetterTopic,
                    timeToLiveMs,
                    new RequeueBackoff(requeueMinMs, requeueMaxMs, requeueFactor));
        }
    }
}
