package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.loop.Phase;
import io.waystation.broker.loop.Work;
import io.waystation.log.DiskFullException;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What producers bring to a topic: checked, told apart by its keys, given to the log or to the deferred messages, and
/// stored together at the end of the pass. Confined to the topic's loop.
final class TopicPublishes {
    private static final String NOT_STORED = "the first message with the key could not be stored";

    private final TopicContext context;
    private final Loop loop;
    private final TopicLog log;
    private final TopicDeferred deferred;
    private final TopicKeys keys;
    private final TopicRetention retention;
    private final Work append;
    /// Whose messages came before; they are told what becomes of those.
    private final Waiters duplicates = new Waiters();

    private int maxMessageBytes;
    private boolean closed;

    TopicPublishes(
            TopicContext context,
            Loop loop,
            TopicLog log,
            TopicDeferred deferred,
            TopicKeys keys,
            TopicRetention retention) {
        this.context = context;
        this.loop = loop;
        this.log = log;
        this.deferred = deferred;
        this.keys = keys;
        this.retention = retention;
        this.append = loop.work(Phase.APPEND, this::append);
    }

    void maxMessageBytes(int bytes) {
        maxMessageBytes = bytes;
    }

    /// Takes one message for the present pass's batch; `waiter` hears at the end of the pass.
    void publish(ByteBuffer source, int position, int length, PublishWaiter waiter, int ticket) {
        if (refused(waiter, ticket) || isTooBig(length, waiter, ticket)) {
            return;
        }
        log.take(source, position, length);
        log.await(waiter, ticket);
        requestAppend();
    }

    /// Takes `count` messages, each behind its size, as one: all are stored or none.
    void publishBatch(ByteBuffer source, int position, int count, PublishWaiter waiter, int ticket) {
        if (refused(waiter, ticket) || isAnyTooBig(source, position, count, waiter, ticket)) {
            return;
        }
        int at = position;
        for (int i = 0; i < count; i++) {
            int length = source.getInt(at);
            log.take(source, at + Integer.BYTES, length);
            at += Integer.BYTES + length;
        }
        log.await(waiter, ticket);
        requestAppend();
    }

    /// The same for messages that nobody gets before a delay has passed.
    void publishBatch(long deferMs, ByteBuffer source, int position, int count, PublishWaiter waiter, int ticket) {
        if (deferMs == 0) {
            publishBatch(source, position, count, waiter, ticket);
            return;
        }
        if (refused(waiter, ticket) || isAnyTooBig(source, position, count, waiter, ticket)) {
            return;
        }
        if (deferred.takeBatch(deferMs, source, position, count, waiter, ticket)) {
            requestAppend();
        }
    }

    private boolean isAnyTooBig(ByteBuffer source, int position, int count, PublishWaiter waiter, int ticket) {
        int at = position;
        for (int i = 0; i < count; i++) {
            int length = source.getInt(at);
            if (isTooBig(length, waiter, ticket)) {
                return true;
            }
            at += Integer.BYTES + length;
        }
        return false;
    }

    /// Takes one message with a key, or one that nobody gets before a delay has passed.
    void publish(
            PublishAttributes attributes,
            ByteBuffer source,
            int position,
            int length,
            PublishWaiter waiter,
            int ticket) {
        if (refused(waiter, ticket) || isTooBig(length, waiter, ticket)) {
            return;
        }
        var dedup = attributes.dedup();
        if (dedup != null && isDuplicate(keys.publishes(), dedup, waiter, ticket)) {
            return;
        }
        long place;
        if (attributes.deferMs() > 0) {
            place = deferred.take(attributes, source, position, length, waiter, ticket);
            if (place < 0) {
                return;
            }
            place |= DeduplicationLog.DEFERRED;
        } else {
            place = log.nextOffset();
            log.take(attributes, source, position, length);
            log.await(waiter, ticket);
        }
        if (dedup != null) {
            keys.publishes().add(dedup, place);
        }
        requestAppend();
    }

    /// Whether a message with the key came before; then its waiter is answered when that one is stored.
    private boolean isDuplicate(TopicDeduplication known, byte[] key, PublishWaiter waiter, int ticket) {
        if (known.isDuplicate(key)) {
            duplicates.add(new AfterDurable(waiter), ticket);
            append.request();
            return true;
        }
        try {
            known.begin();
            return false;
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            waiter.onPublishFailed(ticket, String.valueOf(full.getMessage()));
        } catch (IOException failure) {
            context.volume().fail(failure);
            waiter.onPublishFailed(ticket, String.valueOf(failure.getMessage()));
        }
        return true;
    }

    /// Takes a message that a channel gave up, unless it came before; also while the broker is cordoned.
    void publishDeadLetter(DeadLetter letter, PublishWaiter waiter) {
        byte[] source = letter.source().getBytes(StandardCharsets.UTF_8);
        if (refused(waiter, 0, context.volume().storageRefusal()) || isDuplicate(keys.letters(), source, waiter, 0)) {
            return;
        }
        keys.letters().add(source, log.nextOffset());
        log.take(letter.key(), letter.headers(), letter.body(), 0, letter.body().capacity());
        log.await(waiter, 0);
        requestAppend();
    }

    private boolean refused(PublishWaiter waiter, int ticket) {
        return refused(waiter, ticket, context.volume().refusal());
    }

    private boolean refused(PublishWaiter waiter, int ticket, @Nullable String refusal) {
        assert loop.isCurrent();
        var cause = closed ? Topic.EXITING : refusal;
        if (cause == null) {
            return false;
        }
        waiter.onPublishFailed(ticket, cause);
        if (!closed) {
            retention.onRefused();
        }
        return true;
    }

    private boolean isTooBig(int length, PublishWaiter waiter, int ticket) {
        if (length <= maxMessageBytes) {
            return false;
        }
        waiter.onPublishFailed(ticket, Topic.TOO_BIG + length + " > " + maxMessageBytes);
        return true;
    }

    private void requestAppend() {
        if (log.isBatchFull()) {
            append();
        } else {
            append.request();
        }
    }

    /// Stores what was taken.
    void append() {
        if (closed) {
            log.refuse(Topic.EXITING);
            deferred.refuse(Topic.EXITING);
            duplicates.failed(Topic.EXITING);
            return;
        }
        boolean logStored = log.append();
        // Of the keys of deferred messages only their log knows, so it is written before these are acknowledged.
        boolean deferredStored = deferred.append(logStored);
        boolean keysStored = keys.appended(logStored, deferredStored);
        if (logStored && deferredStored && keysStored) {
            duplicates.stored();
        } else {
            duplicates.failed(NOT_STORED);
        }
    }

    /// Answers once everything that was stored so far is as durable as the topic promises.
    void awaitDurable(PublishWaiter waiter) {
        new AfterDurable(waiter).onPublished(0);
    }

    /// Lets the one who waits for something stored wait for the durability of all that was stored so far.
    private final class AfterDurable implements PublishWaiter {
        private final PublishWaiter waiter;

        AfterDurable(PublishWaiter waiter) {
            this.waiter = waiter;
        }

        @Override
        public void onPublished(int ticket) {
            log.awaitDurable(new AfterLog(waiter), ticket);
        }

        @Override
        public void onPublishFailed(int ticket, String cause) {
            waiter.onPublishFailed(ticket, cause);
        }
    }

    private final class AfterLog implements PublishWaiter {
        private final PublishWaiter waiter;

        AfterLog(PublishWaiter waiter) {
            this.waiter = waiter;
        }

        @Override
        public void onPublished(int ticket) {
            deferred.awaitDurable(waiter, ticket);
        }

        @Override
        public void onPublishFailed(int ticket, String cause) {
            waiter.onPublishFailed(ticket, cause);
        }
    }

    /// Takes nothing more.
    void close() {
        closed = true;
    }
}
