package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.channel.DeferredListener;
import io.waystation.channel.DeferredStore;
import io.waystation.log.DiskFullException;
import io.waystation.log.FlushTask;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import io.waystation.log.RecordHeaders;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The messages of a topic that nobody gets before their time, and the producers that wait for them to be stored.
/// Confined to the topic's loop.
///
/// They wait in a [DeferredStore], which is made with the first of them, and go to the topic's log when they are due.
final class TopicDeferred {
    /// Deferred messages wait for wall time; the clock is looked at again at least this often, in case it stepped.
    private static final long MAX_WAIT_MS = 1000;
    /// The messages are stored: who publishes them again with their keys is answered once these are
    /// written.
    private static final String KEYS_NOT_STORED = "no room for the keys";

    private final TopicContext context;
    private final Loop loop;
    private final Path directory;
    private final TopicLog log;
    private final LogSettings settings;
    private final Supplier<List<PartitionLog>> companions;
    private final Runnable beforeFire;
    private final Fired onFired;
    private final Waiters waiters = new Waiters();
    /// Whose messages are written and in no flush yet, and those of the flush under way.
    private final Waiters unflushed = new Waiters();

    private final Waiters flushing = new Waiters();
    private final Flusher flusher;
    private final Sealer sealer;
    private @Nullable DeferredStore store;
    private long timerDueMs = Long.MAX_VALUE;
    private long lastStampMs;
    private boolean closed;

    /// Hears that deferred messages went to the log, from an offset on.
    interface Fired {
        void run(long fromOffset) throws IOException;
    }

    /// `companions` are flushed with the messages; `beforeFire` stores the log's open batch.
    TopicDeferred(
            TopicContext context,
            Loop loop,
            Path directory,
            TopicLog log,
            LogSettings settings,
            Supplier<List<PartitionLog>> companions,
            Runnable beforeFire,
            Fired onFired)
            throws IOException {
        this.context = context;
        this.loop = loop;
        this.directory = directory;
        this.log = log;
        this.settings = settings;
        this.companions = companions;
        this.beforeFire = beforeFire;
        this.onFired = onFired;
        this.sealer = new Sealer(context, loop, () -> {});
        this.flusher = new Flusher(context, loop, this::beginFlush, this::onFlushed, this::onFlushFailed);
        if (context.files().exists(directory)) {
            store();
        }
    }

    private DeferredStore store() throws IOException {
        var open = store;
        if (open == null) {
            open = DeferredStore.open(context.files(), directory, log.partition(), settings, loop.wallMs());
            stampFrom(open.latestTimestampMs());
            store = open;
        }
        return open;
    }

    /// Copies a message into the open batch of its time.
    /// Returns its place, or -1 when it was refused.
    long take(
            PublishAttributes attributes,
            ByteBuffer source,
            int position,
            int length,
            PublishWaiter waiter,
            int ticket) {
        long nowMs = loop.wallMs();
        var dedup = attributes.dedup();
        long place;
        try {
            place = store().add(
                            nowMs + attributes.deferMs(),
                            stampMs(),
                            attributes.key(),
                            dedup == null ? RecordHeaders.NONE : TopicKeys.headers(dedup),
                            source,
                            position,
                            length);
        } catch (IOException failure) {
            context.volume().fail(failure);
            waiter.onPublishFailed(ticket, String.valueOf(failure.getMessage()));
            return -1;
        }
        log.counted(length);
        waiters.add(waiter, ticket);
        return place;
    }

    /// Takes `count` messages, each behind its size, with one due time, so that they go into one bucket and are
    /// written as one. False when they were refused.
    boolean takeBatch(long deferMs, ByteBuffer source, int position, int count, PublishWaiter waiter, int ticket) {
        long dueMs = loop.wallMs() + deferMs;
        long stampMs = stampMs();
        int at = position;
        try {
            for (int i = 0; i < count; i++) {
                int length = source.getInt(at);
                store().add(dueMs, stampMs, source, at + Integer.BYTES, length);
                log.counted(length);
                at += Integer.BYTES + length;
            }
        } catch (IOException failure) {
            context.volume().fail(failure);
            waiter.onPublishFailed(ticket, String.valueOf(failure.getMessage()));
            return false;
        }
        waiters.add(waiter, ticket);
        return true;
    }

    /// The time that a deferred message bears, never earlier than that of another: one published after
    /// a channel was emptied is never taken for one from before, nor the other way round, whatever the
    /// clock does.
    long stampMs() {
        lastStampMs = Math.max(loop.wallMs(), lastStampMs);
        return lastStampMs;
    }

    void stampFrom(long ms) {
        lastStampMs = Math.max(ms, lastStampMs);
    }

    /// Stores what was taken, and lets `storeKeys` store its keys before anybody is answered; false
    /// when they are not stored.
    boolean append(BooleanSupplier storeKeys) {
        var open = store;
        if (open == null || waiters.isEmpty()) {
            return true;
        }
        var failed = context.volume().failure();
        if (failed != null) {
            open.discardPending();
            waiters.failed(failed);
            return false;
        }
        try {
            open.append();
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            waiters.failed(String.valueOf(full.getMessage()));
            return false;
        } catch (IOException failure) {
            context.volume().fail(failure);
            waiters.failed(String.valueOf(failure.getMessage()));
            return false;
        }
        answer(storeKeys.getAsBoolean());
        sealRolled(open);
        armTimer();
        return true;
    }

    private void answer(boolean keysStored) {
        if (!keysStored) {
            waiters.failed(KEYS_NOT_STORED);
        } else if (log.isFlushedToDisk()) {
            waiters.moveTo(unflushed);
            flusher.request();
        } else {
            waiters.stored();
        }
    }

    private List<FlushTask> beginFlush() {
        unflushed.moveTo(flushing);
        var tasks = new ArrayList<FlushTask>();
        for (var companion : companions.get()) {
            Flusher.add(tasks, companion);
        }
        tasks.addAll(takeFlushes());
        return tasks;
    }

    /// What makes all that was stored here survive a power loss.
    List<FlushTask> takeFlushes() {
        var open = store;
        return open == null ? new ArrayList<>() : open.takeFlushes();
    }

    private void onFlushed() {
        if (!closed) {
            flushing.stored();
        }
    }

    private void onFlushFailed(String cause) {
        flushing.failed(cause);
        unflushed.failed(cause);
    }

    private void sealRolled(DeferredStore open) {
        for (var rolled : open.takeRolled()) {
            sealer.sealRolled(rolled);
        }
    }

    void refuse(String cause) {
        waiters.failed(cause);
    }

    void armTimer() {
        var open = store;
        if (open == null) {
            return;
        }
        long dueMs = open.nextDueMs();
        if (dueMs < timerDueMs) {
            timerDueMs = dueMs;
            long waitMs = Math.clamp(dueMs - loop.wallMs(), 1, MAX_WAIT_MS);
            loop.schedule(() -> onTimer(dueMs), waitMs);
        }
    }

    private void onTimer(long armedForMs) {
        var open = store;
        if (closed
                || open == null
                || armedForMs != timerDueMs
                || context.volume().failure() != null) {
            return;
        }
        timerDueMs = Long.MAX_VALUE;
        beforeFire.run();
        try {
            int fired = open.fire(loop.wallMs());
            if (fired > 0) {
                onFired.run(log.nextOffset() - fired);
                log.appended();
            }
            sealRolled(open);
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            timerDueMs = armedForMs;
            loop.schedule(() -> onTimer(armedForMs), MAX_WAIT_MS);
            return;
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
        armTimer();
    }

    /// Whether the message at a place came to the disk.
    boolean wasStored(long place) {
        var open = store;
        return open != null && open.wasStored(place);
    }

    long count() {
        var open = store;
        return open == null ? 0 : open.count();
    }

    /// A page of the messages that wait; see [DeferredStore#list].
    @Nullable String list(@Nullable String afterId, int limit, DeferredListener listener) throws IOException {
        var open = store;
        return open == null ? null : open.list(afterId, limit, listener);
    }

    /// Takes a message back; false when it does not wait.
    boolean cancel(String id) throws IOException {
        var open = store;
        return open != null && open.cancel(id, loop.wallMs());
    }

    /// Answers once what was written here so far is as durable as the topic promises.
    void awaitDurable(PublishWaiter waiter, int ticket) {
        if (closed) {
            waiter.onPublishFailed(ticket, Topic.EXITING);
        } else if (log.isFlushedToDisk()) {
            unflushed.add(waiter, ticket);
            flusher.request();
        } else {
            waiter.onPublished(ticket);
        }
    }

    /// Drops everything.
    void clear() throws IOException {
        var open = store;
        if (open != null) {
            open.clear();
        }
    }

    void close() throws IOException {
        closed = true;
        var open = store;
        if (open == null) {
            return;
        }
        try (open) {
            var failed = context.volume().failure();
            if (failed != null) {
                onFlushFailed(failed);
            } else if (!flushing.isEmpty() || !unflushed.isEmpty()) {
                open.sync();
                flushing.stored();
                unflushed.stored();
            }
        } catch (IOException failure) {
            onFlushFailed(String.valueOf(failure.getMessage()));
            throw failure;
        }
    }
}
