package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.channel.DeferredListener;
import io.waystation.log.FileStore;
import io.waystation.log.FlushTask;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The messages of a topic that nobody gets before their time, and the time that they bear. Most topics never have any,
/// so what they need ([DeferredMessages]) is made with the first of them. Confined to the topic's loop.
final class TopicDeferred {
    private final TopicContext context;
    private final Loop loop;
    private final Path topic;
    private final TopicLog log;
    private final TopicKeys keys;
    private final Runnable beforeFire;
    private final Runnable onFiringsKnown;

    private @Nullable DeferredMessages messages;
    private long lastStampMs;
    private boolean closed;

    /// @param files by which what is stored is opened
    /// @param topic the topic's directory
    /// @param beforeFire stores the log's open batch
    /// @param onFiringsKnown hears that [#knowsFirings] turned true
    TopicDeferred(
            TopicContext context,
            FileStore files,
            Loop loop,
            Path topic,
            TopicLog log,
            TopicKeys keys,
            Runnable beforeFire,
            Runnable onFiringsKnown)
            throws IOException {
        this.context = context;
        this.loop = loop;
        this.topic = topic;
        this.log = log;
        this.keys = keys;
        this.beforeFire = beforeFire;
        this.onFiringsKnown = onFiringsKnown;
        if (files.exists(directory())) {
            messages(files);
        }
    }

    private Path directory() {
        return topic.resolve("deferred");
    }

    private DeferredMessages messages(FileStore files) throws IOException {
        if (messages == null) {
            messages = new DeferredMessages(context, files, loop, directory(), log, keys, beforeFire, onFiringsKnown);
            lastStampMs = Math.max(messages.latestStampMs(), lastStampMs);
        }
        return messages;
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
        long dueMs = loop.wallMs() + attributes.deferMs();
        try {
            var taking = messages(context.files());
            long place = taking.take(dueMs, stampMs(), attributes, source, position, length);
            taking.await(waiter, ticket);
            return place;
        } catch (IOException failure) {
            refused(failure, waiter, ticket);
            return -1;
        }
    }

    /// Takes `count` messages, each behind its size, with one due time, so that they go into one bucket and are
    /// written as one. False when they were refused.
    boolean takeBatch(long deferMs, ByteBuffer source, int position, int count, PublishWaiter waiter, int ticket) {
        long dueMs = loop.wallMs() + deferMs;
        int at = position;
        try {
            var taking = messages(context.files());
            long stampMs = stampMs();
            for (int i = 0; i < count; i++) {
                int length = source.getInt(at);
                taking.take(dueMs, stampMs, PublishAttributes.NONE, source, at + Integer.BYTES, length);
                at += Integer.BYTES + length;
            }
            taking.await(waiter, ticket);
            return true;
        } catch (IOException failure) {
            refused(failure, waiter, ticket);
            return false;
        }
    }

    private void refused(IOException failure, PublishWaiter waiter, int ticket) {
        context.volume().fail(failure);
        waiter.onPublishFailed(ticket, String.valueOf(failure.getMessage()));
    }

    /// The time that a deferred message bears, never earlier than that of another: one published after a channel was
    /// emptied is never taken for one from before, nor the other way round, whatever the clock does.
    long stampMs() {
        lastStampMs = Math.max(loop.wallMs(), lastStampMs);
        return lastStampMs;
    }

    void stampFrom(long ms) {
        lastStampMs = Math.max(ms, lastStampMs);
    }

    /// Stores what was taken and its keys, before anybody is answered; false when the messages are not stored.
    boolean append(boolean logStored) {
        return messages == null || messages.append(logStored);
    }

    void refuse(String cause) {
        if (messages != null) {
            messages.refuse(cause);
        }
    }

    /// What makes all that was stored here survive a power loss.
    List<FlushTask> takeFlushes() {
        return messages == null ? List.of() : messages.takeFlushes();
    }

    /// Whether retention may delete from the log; see [io.waystation.channel.DeferredStore#knowsFirings].
    boolean knowsFirings() {
        return messages == null || messages.knowsFirings();
    }

    /// Begins to let messages go when they are due.
    void start() {
        if (messages != null) {
            messages.armTimer();
        }
    }

    /// Whether the message at a place came to the disk.
    boolean wasStored(long place) {
        return messages != null && messages.wasStored(place);
    }

    long count() {
        return messages == null ? 0 : messages.count();
    }

    /// A page of the messages that wait; see [io.waystation.channel.DeferredStore#list].
    @Nullable String list(@Nullable String afterId, int limit, DeferredListener listener) throws IOException {
        return messages == null ? null : messages.list(afterId, limit, listener);
    }

    /// Takes a message back; false when it does not wait.
    boolean cancel(String id) throws IOException {
        return messages != null && messages.cancel(id);
    }

    /// Answers once what was written here so far is as durable as the topic promises.
    void awaitDurable(PublishWaiter waiter, int ticket) {
        if (closed) {
            waiter.onPublishFailed(ticket, Topic.EXITING);
        } else if (messages != null) {
            messages.awaitDurable(waiter, ticket);
        } else {
            waiter.onPublished(ticket);
        }
    }

    /// Drops everything.
    void clear() throws IOException {
        if (messages != null) {
            messages.clear();
        }
    }

    void close() throws IOException {
        closed = true;
        if (messages != null) {
            messages.close();
        }
    }
}
