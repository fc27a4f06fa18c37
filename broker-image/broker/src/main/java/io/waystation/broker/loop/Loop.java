package io.waystation.broker.loop;

import io.waystation.daemon.metrics.Histogram;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One event loop. A pass is what the loop does between two looks at its sockets: it reads from those that have bytes,
/// which asks for [Work], and ends by doing that work phase by phase ([Phase]).
///
/// [#execute], [#schedule], [#call] and [#isCurrent] are safe from any thread because the thread behind takes tasks
/// from anywhere; everything else is confined to the loop.
public final class Loop {
    /// A pass that takes longer than this delays everybody on the loop and is logged.
    private static final long SLOW_PASS_NS = 50_000_000;

    private static final long NANOS_PER_MS = 1_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

    private final int index;
    private final LoopThread thread;
    private final Map<Phase, ArrayDeque<Work>> queues = new EnumMap<>(Phase.class);
    /// How long passes took: from the first bytes or the first task of a pass to the end of what these asked for.
    private final Histogram passes = new Histogram();
    private final Timers timers;

    private boolean endScheduled;
    private long passBeganNs;
    private long nowMs;
    private long wallMs;

    public Loop(int index, LoopThread thread) {
        this.index = index;
        this.thread = thread;
        this.timers = new Timers(thread, this::wake);
        this.nowMs = thread.monotonicMs();
        this.wallMs = thread.wallMs();
        for (var phase : Phase.values()) {
            queues.put(phase, new ArrayDeque<>());
        }
    }

    public int index() {
        return index;
    }

    public boolean isCurrent() {
        return thread.isCurrent();
    }

    public void execute(Runnable task) {
        thread.execute(() -> run(task));
    }

    /// Runs a task once the delay has passed; up to 8 ms later when the delay is a long one ([Timers]).
    public void schedule(Runnable task, long delayMs) {
        long dueMs = Timers.dueMs(thread.monotonicMs(), delayMs);
        if (isCurrent()) {
            timers.add(task, dueMs);
        } else {
            thread.execute(() -> timers.add(task, dueMs));
        }
    }

    private void wake(long dueMs) {
        // One by one: those that are due together have nothing to do with each other's failures.
        timers.take(dueMs).forEach(this::execute);
    }

    private void run(Runnable task) {
        begin();
        task.run();
        if (!endScheduled) {
            onPassEnd();
        }
    }

    /// The result of running `question` on the loop.
    public <T extends @Nullable Object> CompletableFuture<T> call(Supplier<T> question) {
        var answer = new CompletableFuture<T>();
        execute(() -> complete(answer, question));
        return answer;
    }

    private static <T extends @Nullable Object> void complete(CompletableFuture<T> answer, Supplier<T> question) {
        try {
            answer.complete(question.get());
        } catch (RuntimeException | AssertionError failure) {
            answer.completeExceptionally(failure);
        }
    }

    /// The result of running `question` on the loop that somebody is on, also when that is another one by the time the
    /// question's turn has come.
    public static <T extends @Nullable Object> CompletableFuture<T> callWherever(
            Supplier<Loop> whose, Supplier<T> question) {
        var answer = new CompletableFuture<T>();
        callWherever(whose, question, answer);
        return answer;
    }

    private static <T extends @Nullable Object> void callWherever(
            Supplier<Loop> whose, Supplier<T> question, CompletableFuture<T> answer) {
        var loop = whose.get();
        loop.execute(() -> {
            if (whose.get() == loop) {
                complete(answer, question);
            } else {
                callWherever(whose, question, answer);
            }
        });
    }

    /// Reads the clocks; called by whoever brings bytes or a task to the loop, before anything else.
    public void begin() {
        assert isCurrent();
        long nowNs = thread.monotonicNs();
        nowMs = nowNs / NANOS_PER_MS;
        wallMs = thread.wallMs();
        if (!endScheduled) {
            passBeganNs = nowNs;
        }
    }

    /// How long passes took so far.
    public Histogram passes() {
        assert isCurrent();
        return passes.copy();
    }

    /// The monotonic time at which the present task or read began.
    public long nowMs() {
        return nowMs;
    }

    /// Milliseconds since 1970 at that moment.
    public long wallMs() {
        return wallMs;
    }

    /// Something to do at the end of a pass, on this loop.
    public Work work(Phase phase, Runnable action) {
        return new Work(this, phase, action);
    }

    void enqueue(Phase phase, Work work) {
        assert isCurrent();
        queue(phase).add(work);
        if (!endScheduled) {
            scheduleEnd();
        }
    }

    private ArrayDeque<Work> queue(Phase phase) {
        return Objects.requireNonNull(queues.get(phase));
    }

    private void scheduleEnd() {
        endScheduled = true;
        thread.execute(this::end);
    }

    private void end() {
        begin();
        try {
            runQueues();
        } finally {
            // Also when one work failed: the others, and all that comes later, have nothing to do with that.
            endScheduled = false;
            onPassEnd();
            if (hasWork()) {
                scheduleEnd();
            }
        }
    }

    private void runQueues() {
        for (var queue : queues.values()) {
            // What asks for the same phase again, having reached its budget, waits for the next pass.
            for (int left = queue.size(); left > 0; left--) {
                queue.remove().run();
            }
        }
    }

    private void onPassEnd() {
        long nowNs = thread.monotonicNs();
        long tookNs = nowNs - passBeganNs;
        passBeganNs = nowNs;
        passes.record(tookNs);
        if (tookNs > SLOW_PASS_NS) {
            LOG.atWarn()
                    .addKeyValue("loop", index)
                    .addKeyValue("tookMs", tookNs / NANOS_PER_MS)
                    .log("slow pass");
        }
    }

    private boolean hasWork() {
        for (var queue : queues.values()) {
            if (!queue.isEmpty()) {
                return true;
            }
        }
        return false;
    }
}
