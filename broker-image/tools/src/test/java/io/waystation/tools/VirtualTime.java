package io.waystation.tools;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// The clock and the `stop` of a terminal in one: a wait is over at once, and the clock has gone on by it. Safe from
/// any
/// thread: atomic.
final class VirtualTime extends CountDownLatch implements LongSupplier {
    private static final long START_NS = 1_000_000_000_000L;

    private final AtomicLong nowNs = new AtomicLong(START_NS);

    VirtualTime() {
        super(1);
    }

    @Override
    public boolean await(long timeout, TimeUnit unit) {
        nowNs.addAndGet(unit.toNanos(timeout));
        return getCount() == 0;
    }

    @Override
    public long getAsLong() {
        return nowNs.get();
    }

    long passedNs() {
        return nowNs.get() - START_NS;
    }
}
