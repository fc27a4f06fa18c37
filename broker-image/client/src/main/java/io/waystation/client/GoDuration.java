package io.waystation.client;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;

/// Durations as go-nsq's options give them: `300ms`, `1m30s`, or an integer, which means milliseconds.
final class GoDuration {
    private static final String NUMBER = "(\\d+\\.?\\d*|\\.\\d+)";
    private static final String UNIT = "(ns|us|µs|ms|s|m|h)";
    private static final Pattern WHOLE = Pattern.compile("(" + NUMBER + UNIT + ")+");
    private static final Pattern PART = Pattern.compile(NUMBER + UNIT);
    private static final Pattern MILLIS = Pattern.compile("\\d{1,12}");

    private GoDuration() {}

    /// Throws an [IllegalArgumentException] that says what would be right.
    static Duration parse(String text) {
        if (MILLIS.matcher(text).matches()) {
            return Duration.ofMillis(Long.parseLong(text));
        }
        if (!WHOLE.matcher(text).matches()) {
            throw new IllegalArgumentException("'" + text + "' (expected: a duration such as 300ms or 1m30s)");
        }
        var nanos = BigDecimal.ZERO;
        var parts = PART.matcher(text);
        while (parts.find()) {
            nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unitNanos(parts.group(2)))));
        }
        if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("'" + text + "' (expected: at most 292 years)");
        }
        return Duration.ofNanos(nanos.longValue());
    }

    private static long unitNanos(String unit) {
        return switch (unit) {
            case "ns" -> 1L;
            case "us", "µs" -> 1000L;
            case "ms" -> 1000_000L;
            case "s" -> 1000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3600_000_000_000L;
        };
    }
}
