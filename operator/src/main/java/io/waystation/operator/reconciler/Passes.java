package io.waystation.operator.reconciler;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// The passes that run now, so that one that never ends is noticed. Safe from any thread: a concurrent map with an
/// entry for each running pass.
public final class Passes {
    private final LongSupplier clockNs;
    private final AtomicLong next = new AtomicLong();
    private final Map<Long, Long> startedNs = new ConcurrentHashMap<>();

    public Passes(LongSupplier clockNs) {
        this.clockNs = clockNs;
    }

    <T> T timed(Callable<T> pass) throws Exception {
        long id = next.incrementAndGet();
        startedNs.put(id, clockNs.getAsLong());
        try {
            return pass.call();
        } finally {
            startedNs.remove(id);
        }
    }

    /// Whether a pass has been running for longer than this.
    public boolean isAnyOlderThan(Duration limit) {
        long nowNs = clockNs.getAsLong();
        return startedNs.values().stream().anyMatch(startNs -> nowNs - startNs > limit.toNanos());
    }
}
