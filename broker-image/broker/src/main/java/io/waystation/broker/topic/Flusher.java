package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.log.FlushTask;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Makes what a topic stored survive a power loss, in groups: while one flush runs, whatever comes gathers for the
/// next,
/// so that a busy topic waits for the disk as seldom as it can and an idle one no longer than it must. No timer.
/// Confined to the topic's loop, but for [#run].
///
/// A flush that fails is final, also for want of space: the system may have dropped the bytes, and another that
/// succeeds
/// would prove nothing.
final class Flusher {
    private final TopicContext context;
    private final Loop loop;
    private final Supplier<List<FlushTask>> begin;
    private final Runnable onFlushed;
    private final Consumer<String> onFailed;
    private boolean busy;
    private boolean wanted;

    /// `begin` is asked at the start of each group for what is to be flushed; then `onFlushed` or `onFailed` is called.
    Flusher(
            TopicContext context,
            Loop loop,
            Supplier<List<FlushTask>> begin,
            Runnable onFlushed,
            Consumer<String> onFailed) {
        this.context = context;
        this.loop = loop;
        this.begin = begin;
        this.onFlushed = onFlushed;
        this.onFailed = onFailed;
    }

    /// Adds what flushes the log, if it needs that.
    static void add(List<FlushTask> tasks, PartitionLog log) {
        var task = log.takeFlush();
        if (task != null) {
            tasks.add(task);
        }
    }

    void request() {
        if (busy) {
            wanted = true;
            return;
        }
        busy = true;
        wanted = false;
        var tasks = begin.get();
        if (tasks.isEmpty() || context.volume().failure() != null) {
            endFlushed();
        } else {
            context.flushing().execute(() -> run(tasks));
        }
    }

    private void run(List<FlushTask> tasks) {
        try {
            for (var task : tasks) {
                task.run();
            }
            loop.execute(() -> {
                tasks.forEach(FlushTask::completed);
                endFlushed();
            });
        } catch (IOException failure) {
            context.volume().fail(failure);
            loop.execute(() -> {
                tasks.forEach(task -> task.failed(failure));
                end(() -> onFailed.accept(String.valueOf(failure.getMessage())));
            });
        }
    }

    /// Nothing is acknowledged on a volume that failed, whoever found that out.
    private void endFlushed() {
        var failure = context.volume().failure();
        end(failure == null ? onFlushed : () -> onFailed.accept(failure));
    }

    private void end(Runnable told) {
        busy = false;
        told.run();
        if (wanted) {
            request();
        }
    }
}
