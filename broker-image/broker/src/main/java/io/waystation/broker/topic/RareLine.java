package io.waystation.broker.topic;

/// A log line that stands for many events: written at most every ten seconds, with their number. Confined to its loop.
final class RareLine {
    private static final long INTERVAL_MS = 10_000;

    private long lastMs = Long.MIN_VALUE / 2;
    private long count;

    /// Counts an event; whether the line is to be written now.
    boolean isDue(long nowMs) {
        return isDue(nowMs, 1);
    }

    /// Counts several.
    boolean isDue(long nowMs, long events) {
        count += events;
        if (nowMs - lastMs < INTERVAL_MS) {
            return false;
        }
        lastMs = nowMs;
        return true;
    }

    /// The events since the line before.
    long take() {
        long taken = count;
        count = 0;
        return taken;
    }
}
