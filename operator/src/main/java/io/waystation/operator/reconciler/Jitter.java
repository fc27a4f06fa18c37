package io.waystation.operator.reconciler;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// Spreads what would otherwise come at the same time for every resource.
final class Jitter {
    private Jitter() {}

    /// A duration within a fifth of this one.
    static Duration around(Duration duration) {
        long fifthMs = Math.max(1, duration.toMillis() / 5);
        return duration.plusMillis(ThreadLocalRandom.current().nextLong(-fifthMs, fifthMs + 1));
    }
}
