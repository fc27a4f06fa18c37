package io.waystation.bench;

import io.waystation.broker.loop.LoopThread;
import java.util.ArrayDeque;
import java.util.PriorityQueue;

/// A loop's thread as two queues, which the benchmark's thread empties: no sockets, but the clocks and timers of a
/// broker.
final class BenchLoop implements LoopThread {
    private static final long NANOS_PER_MS = 1_000_000;

    private record Timer(long dueMs, Runnable task) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            return Long.compare(dueMs, other.dueMs);
        }
    }

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void schedule(Runnable task, long delayMs) {
        timers.add(new Timer(monotonicMs() + delayMs, task));
    }

    @Override
    public boolean isCurrent() {
        return true;
    }

    @Override
    public long monotonicMs() {
        return monotonicNs() / NANOS_PER_MS;
    }

    @Override
    public long monotonicNs() {
        return System.nanoTime();
    }

    @Override
    public long wallMs() {
        return System.currentTimeMillis();
    }

    /// Runs what is due and whatever that asks for: the end of a pass.
    void finishPass() {
        long nowMs = monotonicMs();
        for (var next = timers.peek(); next != null && next.dueMs <= nowMs; next = timers.peek()) {
            timers.remove();
            next.task.run();
        }
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }
}
