package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.log.DiskFullException;
import io.waystation.log.PartitionLog;
import io.waystation.log.SealTask;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes rolled segments of logs durable, one after the other, where waiting for the disk hurts nobody. Confined to the
/// logs' loop, but for [#seal].
final class Sealer {
    /// How long a full disk is left alone.
    private static final long RETRY_MS = 1000;

    private record Rolled(PartitionLog log, SealTask task) {}

    private final TopicContext context;
    private final Loop loop;
    private final Runnable onSealed;
    /// Made with the first one: a topic has several of these, and nearly none of them ever gets any.
    private @Nullable ArrayDeque<Rolled> rolled;

    private boolean busy;

    Sealer(TopicContext context, Loop loop, Runnable onSealed) {
        this.context = context;
        this.loop = loop;
        this.onSealed = onSealed;
    }

    /// To be called after an append.
    void sealRolled(PartitionLog log) {
        if (log.hasSeals()) {
            for (var task : log.takeSeals()) {
                add(new Rolled(log, task));
            }
            sealNext();
        }
    }

    private void add(Rolled next) {
        var waiting = rolled;
        if (waiting == null) {
            waiting = new ArrayDeque<>(1);
            rolled = waiting;
        }
        waiting.add(next);
    }

    private void sealNext() {
        if (busy) {
            return;
        }
        var next = next();
        if (next != null) {
            busy = true;
            context.blocking().execute(() -> seal(next));
        }
    }

    /// Not one of a log that is closed: it may be deleted by then, and another made under its name.
    private @Nullable Rolled next() {
        var waiting = rolled;
        if (waiting == null) {
            return null;
        }
        while (!waiting.isEmpty() && waiting.getFirst().log.isClosed()) {
            waiting.removeFirst();
        }
        return waiting.peek();
    }

    private void seal(Rolled next) {
        if (context.volume().failure() != null) {
            // The sync that failed may have been this segment's, and another would prove nothing.
            return;
        }
        try {
            next.task.run();
            loop.execute(() -> onSealed(next));
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            loop.schedule(this::retry, RETRY_MS);
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
    }

    private void onSealed(Rolled done) {
        busy = false;
        Objects.requireNonNull(rolled).remove();
        done.log.onSealed(done.task);
        onSealed.run();
        sealNext();
    }

    private void retry() {
        busy = false;
        sealNext();
    }
}
