package io.waystation.operator.broker;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/// Durations in the brokers' JSON, as Go writes them: `1m30s`, `300ms`, `0s`.
final class GoDuration {
    private static final Pattern PART = Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?)(ns|us|µs|ms|s|m|h)");

    private GoDuration() {}

    /// Empty when it is no duration.
    static Optional<Duration> parse(String text) {
        var nanos = BigDecimal.ZERO;
        var parts = PART.matcher(text);
        int end = 0;
        while (end < text.length() && parts.find(end) && parts.start() == end) {
            nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(nanosIn(parts.group(2)))));
            end = parts.end();
        }
        boolean whole = end == text.length() && end > 0;
        return whole && nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0
                ? Optional.of(Duration.ofNanos(nanos.longValue()))
                : Optional.empty();
    }

    private static long nanosIn(String unit) {
        return switch (unit) {
            case "ns" -> 1L;
            case "us", "µs" -> 1000L;
            case "ms" -> 1000_000L;
            case "s" -> 1000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3600_000_000_000L;
        };
    }

    /// In milliseconds, which every broker reads.
    static String format(Duration duration) {
        return duration.toMillis() + "ms";
    }
}
