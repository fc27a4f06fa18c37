package io.waystation.lookup;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// Stands still until it is told how much time passes. Safe from any thread: one number.
final class TestClock implements Clock {
    private final AtomicLong wallNs = new AtomicLong(1_700_000_000_000_000_000L);

    @Override
    public long wallNs() {
        return wallNs.get();
    }

    void pass(Duration time) {
        wallNs.addAndGet(time.toNanos());
    }
}
