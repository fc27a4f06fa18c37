package io.waystation.daemon;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;

/// Durations as Go writes them: `300ms`, `1m30s`, `2h`, `0`.
public final class GoDuration {
    private static final String UNIT = "(ns|us|µs|μs|ms|s|m|h)";
    private static final String NUMBER = "(\\d+\\.?\\d*|\\.\\d+)";
    private static final Pattern WHOLE = Pattern.compile("[+-]?(" + NUMBER + UNIT + ")+");
    private static final Pattern ZERO = Pattern.compile("[+-]?0");
    private static final Pattern PART = Pattern.compile(NUMBER + UNIT);

    private GoDuration() {}

    public static Duration parse(String text) throws UsageException {
        if (ZERO.matcher(text).matches()) {
            return Duration.ZERO;
        }
        if (!WHOLE.matcher(text).matches()) {
            throw new UsageException(2, "'" + text + "' (expected: a duration such as 300ms or 1m30s)");
        }
        var nanos = BigDecimal.ZERO;
        var parts = PART.matcher(text);
        while (parts.find()) {
            nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(unitNanos(parts.group(2)))));
        }
        if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new UsageException(2, "'" + text + "' (expected: at most 292 years)");
        }
        var duration = Duration.ofNanos(nanos.longValue());
        return text.startsWith("-") ? duration.negated() : duration;
    }

    private static long unitNanos(String unit) {
        return switch (unit) {
            case "ns" -> 1L;
            case "us", "µs", "μs" -> 1000L;
            case "ms" -> 1000_000L;
            case "s" -> 1000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3600_000_000_000L;
        };
    }

    public static String format(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        if (duration.isNegative()) {
            return "-" + format(duration.negated());
        }
        var text = new StringBuilder();
        if (duration.toHours() > 0) {
            text.append(duration.toHours()).append('h');
        }
        if (duration.toMinutesPart() > 0) {
            text.append(duration.toMinutesPart()).append('m');
        }
        if (duration.toSecondsPart() > 0) {
            text.append(duration.toSecondsPart()).append('s');
        }
        if (duration.toNanosPart() > 0) {
            var millis = BigDecimal.valueOf(duration.toNanosPart(), 6).stripTrailingZeros();
            text.append(millis.toPlainString()).append("ms");
        }
        return text.toString();
    }
}
