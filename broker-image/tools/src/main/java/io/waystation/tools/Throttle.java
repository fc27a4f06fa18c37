package io.waystation.tools;

import java.util.concurrent.TimeUnit;

/// Lets so many messages a second through. What was not used is saved up for a second at most, so that a pause is
/// not followed by a flood. Confined to one thread; time is passed in.
final class Throttle {
    private static final long SAVED_NS = TimeUnit.SECONDS.toNanos(1);

    private final double periodNs;
    private double nextNs;

    /// @param rate messages a second; 0: any number
    Throttle(long rate, long nowNs) {
        this.periodNs = rate == 0 ? 0 : (double) TimeUnit.SECONDS.toNanos(1) / rate;
        this.nextNs = nowNs;
    }

    /// Counts a message; how long it must wait, 0 when it need not.
    long waitNs(long nowNs) {
        if (periodNs == 0) {
            return 0;
        }
        nextNs = Math.max(nextNs, nowNs - (double) SAVED_NS);
        long waitNs = Math.max((long) nextNs - nowNs, 0);
        nextNs += periodNs;
        return waitNs;
    }
}
