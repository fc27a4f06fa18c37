package io.waystation.broker.loop;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/// A loop's tasks for later. Those due within the same few milliseconds share one wake-up: ten thousand heartbeats with
/// a timer each would keep the thread from ever sleeping. Confined to its loop.
final class Timers {
    /// Delays below this are kept to the millisecond.
    private static final long FINE_BELOW_MS = 32;

    private static final long GRAIN_MS = 8;

    private final LoopThread thread;
    private final LongConsumer wake;
    private final Map<Long, List<Runnable>> byDueMs = new HashMap<>();

    /// @param wake is called with the time for which tasks are kept, when that has come
    Timers(LoopThread thread, LongConsumer wake) {
        this.thread = thread;
        this.wake = wake;
    }

    /// When a task runs that is asked for after a delay: never before it has passed, and less than a grain later.
    static long dueMs(long nowMs, long delayMs) {
        long dueMs = nowMs + delayMs;
        return delayMs < FINE_BELOW_MS ? dueMs : Math.ceilDiv(dueMs, GRAIN_MS) * GRAIN_MS;
    }

    void add(Runnable task, long dueMs) {
        var tasks = byDueMs.get(dueMs);
        if (tasks == null) {
            tasks = new ArrayList<>(1);
            byDueMs.put(dueMs, tasks);
            thread.schedule(() -> wake.accept(dueMs), Math.max(dueMs - thread.monotonicMs(), 0));
        }
        tasks.add(task);
    }

    /// What is due at that time, in the order in which it was asked for.
    List<Runnable> take(long dueMs) {
        var tasks = byDueMs.remove(dueMs);
        return tasks == null ? List.of() : tasks;
    }
}
