package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Cursor;
import io.waystation.channel.DeferredStore;
import io.waystation.channel.Delivery;
import io.waystation.channel.Outlet;
import io.waystation.channel.Recipient;
import io.waystation.channel.Retirement;
import io.waystation.log.LogReader;
import io.waystation.wire.MessageId;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a channel's messages go: to consumers, to the dead-letter topic, or away; and how many went where. Confined to
/// its topic's loop.
final class ChannelOutlet implements Outlet {
    private static final long NANOS_PER_MS = 1_000_000;
    /// After a cursor could not be written.
    private static final long RETRY_MS = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(ChannelOutlet.class);

    private final Channel channel;
    private final Topic topic;
    private final Cursor cursor;
    private final Loop loop;
    private final RareLine drops = new RareLine();

    /// Deferred messages published before this were emptied away.
    private long skipDeferredBeforeMs;
    /// Made when the first message is given up, or sampled: nearly no channel needs them.
    private @Nullable DeadLetters deadLetters;

    private @Nullable SplittableRandom random;
    /// How many of them wait still; forgotten at a restart.
    private long emptiedDeferredCount;
    private boolean retryArmed;
    private boolean flushAwaited;
    private long expiredCount;
    private long droppedCount;

    ChannelOutlet(Channel channel, Cursor cursor, long skipDeferredBeforeMs) {
        this.channel = channel;
        this.topic = channel.topic();
        this.cursor = cursor;
        this.loop = topic.loop();
        this.skipDeferredBeforeMs = skipDeferredBeforeMs;
    }

    /// Messages given up because they were too old; those that went to the dead-letter topic included.
    long expiredCount() {
        return expiredCount;
    }

    /// Messages given up that nobody gets.
    long droppedCount() {
        return droppedCount;
    }

    long deadLetterCount() {
        return deadLetters == null ? 0 : deadLetters.storedCount();
    }

    /// Deferred messages of the topic that are the channel's.
    long deferredCount() {
        return Math.max(0, topic.deferredCount() - emptiedDeferredCount);
    }

    // ---- to consumers

    @Override
    public long endOffset() {
        return topic.distributedEnd();
    }

    @Override
    public long nowMs() {
        return loop.nowMs();
    }

    @Override
    public long wallMs() {
        return loop.wallMs();
    }

    @Override
    public boolean push(Recipient recipient, long offset, LogReader record) {
        var consumer = (Consumer) recipient;
        if (consumer.sampleRate() > 0 && isSampledOut(consumer, offset)) {
            cursor.skip(offset);
            topic.onCursorChanged();
            return false;
        }
        long nowMs = loop.nowMs();
        int attempts = cursor.deliver(offset, consumer.owner, nowMs, nowMs + consumer.messageTimeoutMs());
        channel.onDelivered(offset, record.timestampMs());
        consumer.onDelivered();
        consumer.output()
                .push(
                        record.buffer(),
                        record.position(),
                        record.length(),
                        record.timestampMs() * NANOS_PER_MS,
                        attempts,
                        MessageId.of(topic.shard(), cursor.generation(), offset));
        if (!consumer.hasRoom() || channel.settings().delivery() != Delivery.SHARED) {
            // Where order is kept, what follows waits for the answer to this one.
            consumer.output().onStarved();
        }
        return true;
    }

    private boolean isSampledOut(Consumer consumer, long offset) {
        boolean isFirst = offset == cursor.next() || cursor.attempts(offset) == 0;
        return isFirst && random().nextInt(100) > consumer.sampleRate();
    }

    private SplittableRandom random() {
        if (random == null) {
            random = new SplittableRandom(channel.name().hashCode());
        }
        return random;
    }

    @Override
    public void onCursorChanged() {
        topic.onCursorChanged();
    }

    @Override
    public boolean writeCursor() {
        if (!topic.writeCursor(channel)) {
            retryLater();
            return false;
        }
        if (topic.isCursorDurable(channel)) {
            return true;
        }
        if (!flushAwaited) {
            flushAwaited = true;
            topic.log().awaitDurable(new AfterFlush(), 0);
        }
        return false;
    }

    private void retryLater() {
        if (!retryArmed) {
            retryArmed = true;
            loop.schedule(
                    () -> {
                        retryArmed = false;
                        channel.onMessages();
                    },
                    RETRY_MS);
        }
    }

    /// Lets the channel go on. A flush that failed is final: nothing can be written after it, and nothing is delivered.
    private final class AfterFlush implements PublishWaiter {
        @Override
        public void onPublished(int ticket) {
            flushAwaited = false;
            channel.onMessages();
        }

        @Override
        public void onPublishFailed(int ticket, String cause) {
            flushAwaited = false;
        }
    }

    // ---- away

    @Override
    public boolean isPassedOver(long offset, LogReader record) {
        if (topic.emptied().contains(offset) || channel.passesOver(offset)) {
            return true;
        }
        if (record.timestampMs() >= skipDeferredBeforeMs || !DeferredStore.isDeferred(record)) {
            return false;
        }
        emptiedDeferredCount = Math.max(0, emptiedDeferredCount - 1);
        return true;
    }

    /// Whether messages that were emptied away are still to come.
    boolean hasEmptiedDeferred() {
        return emptiedDeferredCount > 0;
    }

    /// Everything was dropped, what is deferred included.
    void onEmptied(long newSkipDeferredBeforeMs) {
        skipDeferredBeforeMs = newSkipDeferredBeforeMs;
        emptiedDeferredCount = topic.deferredCount();
    }

    /// The topic's deferred messages were dropped.
    void onDeferredCleared() {
        emptiedDeferredCount = 0;
    }

    @Override
    public void onDropped(long offset, Retirement reason, int attempts) {
        droppedCount++;
        count(reason);
        if (drops.isDue(loop.nowMs())) {
            LOG.atWarn()
                    .addKeyValue("topic", topic.name())
                    .addKeyValue("channel", channel.name())
                    .addKeyValue("offset", offset)
                    .addKeyValue("reason", reason.text())
                    .addKeyValue("attempts", attempts)
                    .addKeyValue("count", drops.take())
                    .log("messages dropped by the channel's rules");
        }
    }

    void count(Retirement reason) {
        if (reason == Retirement.TIME_TO_LIVE) {
            expiredCount++;
        }
    }

    @Override
    public void sendDeadLetter(long offset, LogReader record, Retirement reason, int attempts) {
        ChannelSettings settings = channel.settings();
        var target = settings.deadLetterTopic();
        if (target == null) {
            throw new IllegalStateException("no dead-letter topic among " + settings);
        }
        deadLetters().send(target, offset, record, reason, attempts);
    }

    private DeadLetters deadLetters() {
        if (deadLetters == null) {
            deadLetters = new DeadLetters(topic.topics(), channel, loop);
        }
        return deadLetters;
    }

    /// Messages were dropped because more waited than an ephemeral channel holds.
    void onForgotten(long count) {
        droppedCount += count;
        if (drops.isDue(loop.nowMs(), count)) {
            LOG.atWarn()
                    .addKeyValue("topic", topic.name())
                    .addKeyValue("channel", channel.name())
                    .addKeyValue("limit", topic.ephemeralDepth())
                    .addKeyValue("count", drops.take())
                    .log("messages dropped: more waited than mem-queue-size lets an ephemeral channel hold");
        }
    }

    @Override
    public void onRecordGone(long offset) {
        droppedCount++;
        if (drops.isDue(loop.nowMs())) {
            LOG.atWarn()
                    .addKeyValue("topic", topic.name())
                    .addKeyValue("channel", channel.name())
                    .addKeyValue("offset", offset)
                    .addKeyValue("count", drops.take())
                    .log("messages deleted from the log before they were finished");
        }
    }
}
