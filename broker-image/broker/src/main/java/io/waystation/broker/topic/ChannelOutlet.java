package io.waystation.broker.topic;

import io.waystation.broker.loop.Alarm;
import io.waystation.broker.loop.Loop;
import io.waystation.channel.Cursor;
import io.waystation.channel.DeferredStore;
import io.waystation.channel.Delivery;
import io.waystation.channel.Outlet;
import io.waystation.channel.Recipient;
import io.waystation.channel.Retirement;
import io.waystation.log.LogReader;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Where a channel's messages go: to consumers, or away. Confined to its topic's loop.
final class ChannelOutlet implements Outlet {
    private static final long NANOS_PER_MS = 1_000_000;
    /// After a cursor could not be written.
    private static final long RETRY_MS = 1000;

    private final Channel channel;
    private final Topic topic;
    private final TopicChannels channels;
    private final TopicCursors cursorWriter;
    private final Cursor cursor;
    private final Loop loop;
    private final InFlight inFlight;
    private final ChannelLosses losses;
    private final Alarm retry;
    /// Made when the first message is sampled: few consumers ask for that.
    private @Nullable SplittableRandom random;

    private boolean flushAwaited;

    ChannelOutlet(Channel channel, InFlight inFlight, ChannelLosses losses) {
        this.channel = channel;
        this.topic = channel.topic();
        this.channels = topic.channels();
        this.cursorWriter = topic.cursorWriter();
        this.cursor = channel.cursor();
        this.loop = topic.loop();
        this.inFlight = inFlight;
        this.losses = losses;
        this.retry = new Alarm(loop, channel::onMessages);
    }

    @Override
    public long endOffset() {
        return channels.distributedEnd();
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
    public void onCursorChanged() {
        cursorWriter.changed();
    }

    // ---- to consumers

    @Override
    public boolean push(Recipient recipient, long offset, LogReader record) {
        var consumer = (Consumer) recipient;
        if (consumer.sampleRate() > 0 && isSampledOut(consumer, offset)) {
            cursor.skip(offset);
            cursorWriter.changed();
            return false;
        }
        int attempts = inFlight.deliver(consumer, offset, record.timestampMs());
        consumer.output()
                .push(
                        record.buffer(),
                        record.position(),
                        record.length(),
                        record.timestampMs() * NANOS_PER_MS,
                        attempts,
                        inFlight.id(offset));
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
    public boolean writeCursor() {
        if (!cursorWriter.write(channel.name())) {
            if (!retry.isSet()) {
                retry.set(loop.nowMs() + RETRY_MS);
            }
            return false;
        }
        if (!topic.log().isFlushedToDisk() || topic.cursors().isFlushed(channel.name())) {
            return true;
        }
        if (!flushAwaited) {
            flushAwaited = true;
            topic.log().awaitDurable(new AfterFlush(), 0);
        }
        return false;
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
        if (channel.passesOver(offset)) {
            return true;
        }
        if (record.timestampMs() >= channel.skipDeferredBeforeMs() || !DeferredStore.isDeferred(record)) {
            return false;
        }
        channel.onEmptiedDeferred();
        return true;
    }

    @Override
    public void onDropped(long offset, Retirement reason, int attempts) {
        losses.dropped(offset, reason, attempts);
    }

    @Override
    public void sendDeadLetter(long offset, LogReader record, Retirement reason, int attempts) {
        losses.sendDeadLetter(offset, record, reason, attempts);
    }

    @Override
    public void onRecordGone(long offset) {
        losses.gone(offset);
    }
}
