package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.log.DiskFullException;
import io.waystation.log.PartitionLog;
import io.waystation.log.SealTask;
import java.io.IOException;
import java.util.ArrayDeque;

/// Makes a log's rolled segments durable, one after the other, where waiting for the disk hurts nobody. Confined to the
/// log's loop, but for [#seal].
final class Sealer {
    /// How long a full disk is left alone.
    private static final long RETRY_MS = 1000;

    private final TopicContext context;
    private final Loop loop;
    private final PartitionLog log;
    private final Runnable onSealed;
    private final ArrayDeque<SealTask> rolled = new ArrayDeque<>();
    private boolean busy;

    Sealer(TopicContext context, Loop loop, PartitionLog log, Runnable onSealed) {
        this.context = context;
        this.loop = loop;
        this.log = log;
        this.onSealed = onSealed;
    }

    /// To be called after an append.
    void sealRolled() {
        rolled.addAll(log.takeSeals());
        sealNext();
    }

    private void sealNext() {
        var task = rolled.peek();
        if (task != null && !busy) {
            busy = true;
            context.blocking().execute(() -> seal(task));
        }
    }

    private void seal(SealTask task) {
        try {
            task.run();
            loop.execute(() -> onSealed(task));
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            loop.schedule(this::retry, RETRY_MS);
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
    }

    private void onSealed(SealTask task) {
        busy = false;
        rolled.remove();
        log.onSealed(task);
        onSealed.run();
        sealNext();
    }

    private void retry() {
        busy = false;
        sealNext();
    }
}
