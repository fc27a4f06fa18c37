package io.waystation.operator.plan;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/// Points in time as Kubernetes writes them: `2026-11-21T08:30:00Z`.
final class Times {
    private Times() {}

    static String text(Instant time) {
        return DateTimeFormatter.ISO_INSTANT.format(time.truncatedTo(ChronoUnit.SECONDS));
    }

    /// Whether it is `time` or later.
    static boolean reached(String time, Instant now) {
        return !now.isBefore(Instant.parse(time));
    }
}
