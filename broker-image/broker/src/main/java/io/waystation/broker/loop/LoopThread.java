package io.waystation.broker.loop;

/// The thread behind a loop and its clocks. Two implementations: Netty's event loop, and a scheduler in simulations.
public interface LoopThread {
    /// Runs the task on the loop's thread, after what is under way. Safe from any thread.
    void execute(Runnable task);

    /// Runs the task on the loop's thread once the delay has passed. Safe from any thread.
    void schedule(Runnable task, long delayMs);

    boolean isCurrent();

    /// Milliseconds of a clock that never steps, from an arbitrary origin.
    long monotonicMs();

    /// The same clock in nanoseconds, where it has them.
    default long monotonicNs() {
        return monotonicMs() * 1_000_000;
    }

    /// Milliseconds since 1970; may step.
    long wallMs();
}
