package io.waystation.broker.topic;

import io.waystation.broker.loop.Alarm;
import io.waystation.broker.loop.Loop;
import io.waystation.channel.DeferredListener;
import io.waystation.channel.DeferredStore;
import io.waystation.log.DiskFullException;
import io.waystation.log.FileStore;
import io.waystation.log.FlushTask;
import io.waystation.log.RecordHeaders;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The deferred messages of a topic that has some: they wait in a [DeferredStore], their producers until they are
/// stored, and they go to the topic's log when they are due. Confined to the topic's loop.
final class DeferredMessages {
    /// Deferred messages wait for wall time; the clock is looked at again at least this often, in case it stepped.
    private static final long MAX_WAIT_MS = 1000;
    private static final long NEVER = Long.MAX_VALUE;
    /// The messages are stored: who publishes them again with their keys is answered once these are written.
    private static final String KEYS_NOT_STORED = "no room for the keys";

    private final TopicContext context;
    private final Loop loop;
    private final TopicLog log;
    private final TopicKeys keys;
    private final Runnable beforeFire;
    private final Runnable onFiringsKnown;
    private final DeferredStore store;

    private final Waiters waiters = new Waiters();
    /// Whose messages are written and in no flush yet, and those of the flush under way.
    private final Waiters unflushed = new Waiters();

    private final Waiters flushing = new Waiters();
    private final Flusher flusher;
    private final Sealer sealer;

    private final Alarm alarm;
    /// The due time for which the alarm is set.
    private long awaitedMs = NEVER;
    private boolean firingsKnown;
    private boolean closed;

    /// `beforeFire` stores the log's open batch; `onFiringsKnown` hears that [#knowsFirings] turned true.
    DeferredMessages(
            TopicContext context,
            FileStore files,
            Loop loop,
            Path directory,
            TopicLog log,
            TopicKeys keys,
            Runnable beforeFire,
            Runnable onFiringsKnown)
            throws IOException {
        this.context = context;
        this.loop = loop;
        this.log = log;
        this.keys = keys;
        this.beforeFire = beforeFire;
        this.onFiringsKnown = onFiringsKnown;
        this.store = DeferredStore.open(files, directory, log.partition(), context.logSettings(loop), loop.wallMs());
        this.sealer = new Sealer(context, loop, () -> {});
        this.flusher = new Flusher(context, loop, this::beginFlush, this::onFlushed, this::onFlushFailed);
        this.alarm = new Alarm(loop, this::onDue);
        this.firingsKnown = store.knowsFirings();
    }

    /// See [DeferredStore#knowsFirings].
    boolean knowsFirings() {
        return store.knowsFirings();
    }

    long latestStampMs() {
        return store.latestTimestampMs();
    }

    // ---- taking

    /// Copies a message into the open batch of its time; returns its place.
    long take(long dueMs, long stampMs, PublishAttributes attributes, ByteBuffer source, int position, int length)
            throws IOException {
        var dedup = attributes.dedup();
        var headers = dedup == null ? RecordHeaders.NONE : TopicKeys.headers(dedup);
        long place = store.add(dueMs, stampMs, attributes.key(), headers, source, position, length);
        log.counted(length);
        return place;
    }

    /// What was taken since the last call is one publish.
    void await(PublishWaiter waiter, int ticket) {
        waiters.add(waiter, ticket);
    }

    void refuse(String cause) {
        waiters.failed(cause);
    }

    /// See [TopicDeferred#append].
    boolean append(boolean logStored) {
        if (waiters.isEmpty()) {
            return true;
        }
        var failed = context.volume().failure();
        if (failed != null) {
            store.discardPending();
            waiters.failed(failed);
            return false;
        }
        try {
            store.append();
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            waiters.failed(String.valueOf(full.getMessage()));
            return false;
        } catch (IOException failure) {
            context.volume().fail(failure);
            waiters.failed(String.valueOf(failure.getMessage()));
            return false;
        }
        answer(keys.appended(logStored, true));
        sealRolled();
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

    private void sealRolled() {
        for (var rolled : store.takeRolled()) {
            sealer.sealRolled(rolled);
        }
    }

    // ---- flushing

    /// Answers once what was written here so far is as durable as the topic promises.
    void awaitDurable(PublishWaiter waiter, int ticket) {
        if (log.isFlushedToDisk()) {
            unflushed.add(waiter, ticket);
            flusher.request();
        } else {
            waiter.onPublished(ticket);
        }
    }

    private List<FlushTask> beginFlush() {
        unflushed.moveTo(flushing);
        var tasks = new ArrayList<FlushTask>();
        for (var companion : keys.logs()) {
            Flusher.add(tasks, companion);
        }
        tasks.addAll(takeFlushes());
        return tasks;
    }

    List<FlushTask> takeFlushes() {
        return store.takeFlushes();
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

    // ---- time

    void armTimer() {
        long dueMs = store.nextDueMs();
        if (dueMs < awaitedMs) {
            awaitedMs = dueMs;
            alarm.set(loop.nowMs() + Math.clamp(dueMs - loop.wallMs(), 1, MAX_WAIT_MS));
        }
    }

    private void onDue() {
        if (context.volume().failure() != null) {
            return;
        }
        long dueMs = awaitedMs;
        awaitedMs = NEVER;
        beforeFire.run();
        try {
            int fired = store.fire(loop.wallMs());
            if (fired > 0) {
                keys.fired(log.nextOffset() - fired);
                log.appended();
            }
            sealRolled();
            noteFirings();
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            awaitedMs = dueMs;
            alarm.set(loop.nowMs() + MAX_WAIT_MS);
            return;
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
        armTimer();
    }

    private void noteFirings() {
        if (!firingsKnown && store.knowsFirings()) {
            firingsKnown = true;
            onFiringsKnown.run();
        }
    }

    // ---- looking and taking back

    boolean wasStored(long place) {
        return store.wasStored(place);
    }

    long count() {
        return store.count();
    }

    @Nullable String list(@Nullable String afterId, int limit, DeferredListener listener) throws IOException {
        return store.list(afterId, limit, listener);
    }

    boolean cancel(String id) throws IOException {
        return store.cancel(id, loop.wallMs());
    }

    void clear() throws IOException {
        store.clear();
    }

    void close() throws IOException {
        closed = true;
        alarm.end();
        try (store) {
            var failed = context.volume().failure();
            if (failed != null) {
                onFlushFailed(failed);
            } else if (!flushing.isEmpty() || !unflushed.isEmpty()) {
                store.sync();
                flushing.stored();
                unflushed.stored();
            }
        } catch (IOException failure) {
            onFlushFailed(String.valueOf(failure.getMessage()));
            throw failure;
        }
    }
}
