package io.waystation.broker.loop;

import java.util.ArrayDeque;
import java.util.PriorityQueue;

/// A loop's thread, its clocks and the threads beside it, as queues that a simulation empties. What other threads
/// run is run between the loop's tasks, at moments of the simulation's choice.
public final class SimLoop implements LoopThread {
    private record Timer(long dueMs, long number, Runnable task) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            return dueMs == other.dueMs ? Long.compare(number, other.number) : Long.compare(dueMs, other.dueMs);
        }
    }

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    /// Of the thread that seals, and of the one that flushes.
    public final ArrayDeque<Runnable> sealing = new ArrayDeque<>();

    public final ArrayDeque<Runnable> flushing = new ArrayDeque<>();
    /// Of those that may wait for anything.
    public final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

    private long timerCount;
    private long nowMs;
    private long wallMs;
    private long highestWallMs;
    private int taskCount;
    private int wakeCount;

    public SimLoop(long nowMs, long wallMs) {
        this.nowMs = nowMs;
        this.wallMs = wallMs;
        this.highestWallMs = wallMs;
    }

    /// The same machine, where another process begins.
    public SimLoop next() {
        var next = new SimLoop(nowMs, wallMs);
        next.highestWallMs = highestWallMs;
        return next;
    }

    /// The latest time that the wall clock ever showed.
    public long highestWallMs() {
        return highestWallMs;
    }

    /// Tasks that it was given to run at once.
    int taskCount() {
        return taskCount;
    }

    /// Timers that woke it.
    int wakeCount() {
        return wakeCount;
    }

    /// Timers that are to wake it.
    int pendingWakes() {
        return timers.size();
    }

    @Override
    public void execute(Runnable task) {
        taskCount++;
        tasks.add(task);
    }

    @Override
    public void schedule(Runnable task, long delayMs) {
        timers.add(new Timer(nowMs + delayMs, timerCount++, task));
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
        return wallMs;
    }

    public void stepWall(long ms) {
        wallMs += ms;
        highestWallMs = Math.max(highestWallMs, wallMs);
    }

    /// Lets time pass, one timer after the other.
    public void pass(long ms) {
        long endMs = nowMs + ms;
        runTasks();
        while (!timers.isEmpty() && timers.peek().dueMs <= endMs) {
            var timer = timers.poll();
            advance(Math.max(nowMs, timer.dueMs));
            wakeCount++;
            timer.task.run();
            runTasks();
        }
        advance(endMs);
    }

    private void advance(long toMs) {
        wallMs += toMs - nowMs;
        highestWallMs = Math.max(highestWallMs, wallMs);
        nowMs = toMs;
    }

    public void runTasks() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    /// Runs one task of a thread beside the loop, then what it told the loop.
    public void runBeside(ArrayDeque<Runnable> thread) {
        var task = thread.poll();
        if (task != null) {
            task.run();
            runTasks();
        }
    }

    /// Runs everything that is asked of the threads beside the loop.
    public void settle() {
        runTasks();
        while (!sealing.isEmpty() || !flushing.isEmpty() || !waiting.isEmpty()) {
            runBeside(flushing);
            runBeside(sealing);
            runBeside(waiting);
        }
    }
}
