package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.log.DiskFullException;
import io.waystation.log.FlushTask;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Makes what a topic stored survive a power loss, in groups: while one flush runs, whatever comes gathers for the
/// next, so that a busy topic waits for the disk as seldom as it can and an idle one no longer than it must. No
/// timer. Confined to the topic's loop, but for [#run].
///
/// A flush that fails is final, also when it finds no room for messages: the system may have dropped
/// the bytes, and another that succeeds would prove nothing. Only what the log writes beside its
/// messages is tried again until there is room ([FlushTask#run]); whoever waits for the flush waits for
/// that too.
final class Flusher {
    /// How long a full disk is left alone.
    private static final long RETRY_MS = 1000;

    private final TopicContext context;
    private final Loop loop;
    private final Supplier<List<FlushTask>> tasks;
    private final Runnable onFlushed;
    private final Consumer<String> onFailed;
    private boolean busy;
    private boolean wanted;

    /// `tasks` is asked at the start of each group for what is to be flushed; then `onFlushed` or `onFailed` is called.
    Flusher(
            TopicContext context,
            Loop loop,
            Supplier<List<FlushTask>> tasks,
            Runnable onFlushed,
            Consumer<String> onFailed) {
        this.context = context;
        this.loop = loop;
        this.tasks = tasks;
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
        begin(tasks.get());
    }

    private void begin(List<FlushTask> group) {
        if (group.isEmpty() || context.volume().failure() != null) {
            endFlushed();
        } else {
            context.flushing().execute(() -> run(group));
        }
    }

    private void run(List<FlushTask> group) {
        try {
            for (var task : group) {
                task.run();
            }
            loop.execute(() -> {
                group.forEach(FlushTask::completed);
                endFlushed();
            });
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            loop.schedule(() -> begin(tasks.get()), RETRY_MS);
        } catch (IOException failure) {
            context.volume().fail(failure);
            loop.execute(() -> {
                group.forEach(task -> task.failed(failure));
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
