package io.waystation.broker.loop;

import java.util.PriorityQueue;

/// A loop's thread whose clock the test moves; it is the test's own thread.
final class FakeThread implements LoopThread {
    private record Wake(long atMs, Runnable task) {}

    private final PriorityQueue<Wake> wakes = new PriorityQueue<>((a, b) -> Long.compare(a.atMs, b.atMs));
    private long nowMs = 1_000_003;
    private int taskCount;
    private int wakeCount;

    /// Tasks that it was given to run at once.
    int taskCount() {
        return taskCount;
    }

    /// Wake-ups that came.
    int wakeCount() {
        return wakeCount;
    }

    /// Wake-ups that are to come.
    int pendingWakes() {
        return wakes.size();
    }

    @Override
    public void execute(Runnable task) {
        taskCount++;
        task.run();
    }

    @Override
    public void schedule(Runnable task, long delayMs) {
        wakes.add(new Wake(nowMs + delayMs, task));
    }

    @Override
    public boolean isCurrent() {
        return true;
    }

    @Override
    public long monotonicMs() {
        return nowMs;
    }

    @Override
    public long wallMs() {
        return nowMs;
    }

    void runUntil(long endMs) {
        while (!wakes.isEmpty() && wakes.element().atMs <= endMs) {
            var wake = wakes.remove();
            nowMs = wake.atMs;
            wakeCount++;
            wake.task.run();
        }
        nowMs = endMs;
    }
}
