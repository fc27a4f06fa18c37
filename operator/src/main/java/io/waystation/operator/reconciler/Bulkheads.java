package io.waystation.operator.reconciler;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

/// Lets at most [#PASSES] passes over the topics and channels of one cluster run at once; the others wait, so that
/// a cluster whose brokers do not answer holds up no other. Safe from any thread: the map is guarded by itself, and
/// has an entry only for clusters with passes.
final class Bulkheads {
    private static final int PASSES = 4;

    private final Map<String, Bulkhead> bulkheads = new HashMap<>();

    private static final class Bulkhead {
        private final Semaphore permits = new Semaphore(PASSES);
        private int users;
    }

    <T> T within(String cluster, Callable<T> pass) throws Exception {
        var bulkhead = enter(cluster);
        try {
            bulkhead.permits.acquire();
            try {
                return pass.call();
            } finally {
                bulkhead.permits.release();
            }
        } finally {
            leave(cluster);
        }
    }

    private Bulkhead enter(String cluster) {
        synchronized (bulkheads) {
            var bulkhead = bulkheads.computeIfAbsent(cluster, first -> new Bulkhead());
            bulkhead.users++;
            return bulkhead;
        }
    }

    private void leave(String cluster) {
        synchronized (bulkheads) {
            bulkheads.computeIfPresent(cluster, (key, bulkhead) -> --bulkhead.users == 0 ? null : bulkhead);
        }
    }
}
