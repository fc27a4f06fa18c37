package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.log.DiskFullException;
import io.waystation.log.FlushTask;
import io.waystation.log.LogReader;
import io.waystation.log.PartitionLog;
import io.waystation.log.RecordHeaders;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A topic's messages and the producers that wait for them to be stored. Confined to the topic's loop.
///
/// Publishes gather in the log's open batch and in `waiters`; the end of the pass writes the batch. Under flush
/// `os` that commits it: its producers are answered and the channels see it. Under `disk` both wait for the next
/// flush:
///
/// ```
///   0             committedEnd      endOffset
///   |  delivered  |  flushing, unflushed |  open batch (waiters)
/// ```
///
/// So no consumer ever has a message that a power loss may take back, and no offset is seen with two messages.
final class TopicLog {
    /// An open batch is written at this size even in the middle of a pass.
    private static final int MAX_BATCH_BYTES = 256 * 1024;

    private static final ByteBuffer NO_KEY = ByteBuffer.allocate(0);

    private final TopicContext context;
    private final Loop loop;
    private final PartitionLog log;
    private final Supplier<List<PartitionLog>> companions;
    private final Runnable onCommitted;
    private final Sealer sealer;
    private final Flusher flusher;

    private final Waiters waiters = new Waiters();
    /// Whose messages are written and in no flush yet, and those of the flush under way.
    private final Waiters unflushed = new Waiters();

    private final Waiters flushing = new Waiters();

    private boolean disk;
    private boolean closed;
    private long committedEnd;
    private long flushingEnd;
    private long messageCount;
    private long messageBytes;

    /// `companions` are flushed with the log, before it; `onCommitted` hears that the committed end moved, `onSealed`
    /// of segments that may be deleted from now on.
    TopicLog(
            TopicContext context,
            Loop loop,
            PartitionLog log,
            Supplier<List<PartitionLog>> companions,
            Runnable onCommitted,
            Runnable onSealed) {
        this.context = context;
        this.loop = loop;
        this.log = log;
        this.companions = companions;
        this.onCommitted = onCommitted;
        this.sealer = new Sealer(context, loop, onSealed);
        this.flusher = new Flusher(context, loop, this::beginFlush, this::onFlushed, this::onFlushFailed);
        this.committedEnd = log.endOffset();
    }

    PartitionLog partition() {
        return log;
    }

    LogReader reader() {
        return log.reader();
    }

    long startOffset() {
        return log.startOffset();
    }

    /// What is below it was acknowledged, or may be, and is delivered.
    long committedEnd() {
        return committedEnd;
    }

    /// Messages taken since the process began, deferred ones included.
    long messageCount() {
        return messageCount;
    }

    long messageBytes() {
        return messageBytes;
    }

    void counted(int bytes) {
        messageCount++;
        messageBytes += bytes;
    }

    /// Whether to commit with a flush. What was committed without one stays so, and is flushed soon.
    void flushToDisk(boolean toDisk) {
        boolean begins = toDisk && !disk;
        disk = toDisk;
        if (begins && !closed) {
            flusher.request();
        }
    }

    /// Flushes what was written about the topic since the last flush, under `disk`; nobody waits for it.
    void flush() {
        if (disk && !closed) {
            flusher.request();
        }
    }

    boolean isFlushedToDisk() {
        return disk;
    }

    /// The offset of the message that is taken next.
    long nextOffset() {
        return log.endOffset() + log.pendingCount();
    }

    /// Copies a message into the open batch.
    void take(ByteBuffer source, int position, int length) {
        log.add(loop.wallMs(), source, position, length);
        counted(length);
    }

    void take(PublishAttributes attributes, ByteBuffer source, int position, int length) {
        var key = attributes.key();
        var dedup = attributes.dedup();
        take(
                key == null ? null : ByteBuffer.wrap(key),
                dedup == null ? RecordHeaders.NONE : TopicKeys.headers(dedup),
                source,
                position,
                length);
    }

    /// With a key, the whole of its buffer, and headers.
    void take(@Nullable ByteBuffer key, RecordHeaders headers, ByteBuffer source, int position, int length) {
        log.add(
                loop.wallMs(),
                key == null ? NO_KEY : key,
                0,
                key == null ? -1 : key.capacity(),
                source,
                position,
                length,
                headers);
        counted(length);
    }

    /// What was taken since the last call is one publish, whose waiter is answered once it is committed.
    void await(PublishWaiter waiter, int ticket) {
        waiters.add(waiter, ticket);
    }

    /// Answers once everything that the topic has written so far, also about its channels, is as durable as the topic
    /// promises.
    void awaitDurable(PublishWaiter waiter, int ticket) {
        var failed = context.volume().failure();
        if (closed) {
            waiter.onPublishFailed(ticket, Topic.EXITING);
        } else if (failed != null) {
            waiter.onPublishFailed(ticket, failed);
        } else if (disk) {
            unflushed.add(waiter, ticket);
            flusher.request();
        } else {
            waiter.onPublished(ticket);
        }
    }

    /// Whether the open batch is as large as it should become.
    boolean isBatchFull() {
        return log.pendingBytes() >= MAX_BATCH_BYTES;
    }

    /// Stores the open batch; false when that failed.
    boolean append() {
        if (waiters.isEmpty() && log.pendingCount() == 0) {
            return true;
        }
        var failed = context.volume().failure();
        if (failed != null) {
            log.discardPending();
            waiters.failed(failed);
            return false;
        }
        try {
            log.append();
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            waiters.failed(String.valueOf(full.getMessage()));
            return false;
        } catch (IOException failure) {
            context.volume().fail(failure);
            waiters.failed(String.valueOf(failure.getMessage()));
            return false;
        }
        if (disk) {
            waiters.moveTo(unflushed);
        } else {
            waiters.stored();
        }
        appended();
        return true;
    }

    /// A batch is in the log, written here or by whoever fired deferred messages into it.
    void appended() {
        if (disk) {
            flusher.request();
        } else {
            commit(log.endOffset());
        }
        sealer.sealRolled(log);
    }

    private void commit(long end) {
        if (end > committedEnd) {
            committedEnd = end;
            onCommitted.run();
        }
    }

    /// The log is last: what is committed under `disk` reaches each channel that was made before it, and its key
    /// counts.
    private List<FlushTask> beginFlush() {
        unflushed.moveTo(flushing);
        flushingEnd = log.endOffset();
        var tasks = new ArrayList<FlushTask>();
        for (var companion : companions.get()) {
            Flusher.add(tasks, companion);
        }
        Flusher.add(tasks, log);
        return tasks;
    }

    private void onFlushed() {
        if (!closed) {
            flushing.stored();
            commit(flushingEnd);
        }
    }

    private void onFlushFailed(String cause) {
        flushing.failed(cause);
        unflushed.failed(cause);
    }

    void refuse(String cause) {
        waiters.failed(cause);
    }

    /// Rolls the active segment when it is old; see [PartitionLog#rollOlder].
    void rollOlder(long firstBeforeMs, long largestBeforeMs) throws IOException {
        log.rollOlder(firstBeforeMs, largestBeforeMs);
        // Also what an earlier process rolled: without it none of that is ever deleted.
        sealer.sealRolled(log);
    }

    /// Ends the waiting of whoever waits for a flush; nothing is committed after that.
    void close() {
        closed = true;
        if (flushing.isEmpty() && unflushed.isEmpty()) {
            return;
        }
        var failed = context.volume().failure();
        if (failed != null) {
            onFlushFailed(failed);
            return;
        }
        try {
            for (var companion : companions.get()) {
                companion.sync();
            }
            log.sync();
            flushing.stored();
            unflushed.stored();
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            onFlushFailed(String.valueOf(full.getMessage()));
        } catch (IOException failure) {
            context.volume().fail(failure);
            onFlushFailed(String.valueOf(failure.getMessage()));
        }
    }
}
