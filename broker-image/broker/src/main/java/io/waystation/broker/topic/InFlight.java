package io.waystation.broker.topic;

import io.waystation.broker.loop.Alarm;
import io.waystation.broker.loop.Loop;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Cursor;
import io.waystation.channel.LatencyHistogram;
import io.waystation.channel.Outcome;
import io.waystation.channel.ProcessingLatency;
import io.waystation.wire.MessageId;
import org.jspecify.annotations.Nullable;

/// The messages that a channel's consumers hold: what is said of them, and what comes of silence. Confined to the
/// topic's loop.
final class InFlight {
    private static final String NOT_IN_FLIGHT = "ID not in flight";
    private static final String NOT_OWNER = "client does not own message";

    private final Channel channel;
    private final ChannelDelivery delivery;
    private final ChannelConsumers consumers;
    private final Cursor cursor;
    private final Loop loop;
    private final int shard;
    /// Rings when a message times out or its deferral ends.
    private final Alarm deadline;
    /// Null when no latencies are shown.
    private final @Nullable ProcessingLatency latency;

    private final NearbyCounts nearbyCounts = new NearbyCounts();
    private long deliveryCount;
    private long finishCount;
    private long requeueCount;
    private long timeoutCount;

    InFlight(Channel channel, ChannelDelivery delivery, ChannelConsumers consumers) {
        var topic = channel.topic();
        this.channel = channel;
        this.delivery = delivery;
        this.consumers = consumers;
        this.cursor = channel.cursor();
        this.loop = topic.loop();
        this.shard = topic.shard();
        this.latency = topic.latencySettings().measure(loop.nowMs());
        this.deadline = new Alarm(loop, this::onDeadline);
    }

    /// The id of a message in flight.
    long id(long offset) {
        return MessageId.of(shard, cursor.generation(), offset);
    }

    private boolean isMine(long id) {
        return id != MessageId.UNKNOWN
                && MessageId.shard(id) == shard
                && MessageId.generation(id) == cursor.generation()
                && !channel.isClosed();
    }

    // ---- delivered, and answered

    /// Hands a message to a consumer; how often it was delivered by that.
    int deliver(Consumer consumer, long offset, long publishMs) {
        long nowMs = loop.nowMs();
        int attempts = cursor.deliver(offset, consumer.owner, nowMs, nowMs + consumer.messageTimeoutMs());
        if (latency != null) {
            latency.delivered(offset, publishMs);
        }
        deliveryCount++;
        consumer.onDelivered(nearbyCounts);
        return attempts;
    }

    @Nullable String finish(Consumer consumer, long id) {
        if (!isMine(id)) {
            return NOT_IN_FLIGHT;
        }
        long offset = MessageId.offset(id);
        var outcome = cursor.finish(offset, consumer.owner);
        if (outcome != Outcome.DONE) {
            return text(outcome);
        }
        if (latency != null) {
            latency.finished(offset, cursor.floor(), loop.wallMs(), loop.nowMs());
        }
        finishCount++;
        consumer.inFlightCount--;
        delivery.onFinished(offset);
        return null;
    }

    @Nullable String requeue(Consumer consumer, long id, long delayMs) {
        if (!isMine(id)) {
            return NOT_IN_FLIGHT;
        }
        long nowMs = loop.nowMs();
        long offset = MessageId.offset(id);
        var outcome = cursor.requeue(offset, consumer.owner, nowMs, nowMs + allowedDelayMs(offset, delayMs));
        if (outcome != Outcome.DONE) {
            return text(outcome);
        }
        requeueCount++;
        consumer.inFlightCount--;
        delivery.onReturned();
        return null;
    }

    private long allowedDelayMs(long offset, long delayMs) {
        var rules = channel.settings();
        if (rules.maxAttempts() == 0 && rules.requeueBackoff().minMs() == 0) {
            return delayMs;
        }
        return delayMs(rules, cursor.attempts(offset), delayMs);
    }

    /// How long a message waits that came back after so many attempts; one that is given up waits for nothing.
    private static long delayMs(ChannelSettings rules, int attempts, long askedMs) {
        boolean isWornOut = rules.maxAttempts() > 0 && attempts >= rules.maxAttempts();
        return isWornOut ? 0 : Math.max(askedMs, rules.requeueBackoff().delayMs(attempts));
    }

    @Nullable String touch(Consumer consumer, long id, long maxTimeoutMs) {
        if (!isMine(id)) {
            return NOT_IN_FLIGHT;
        }
        var outcome = cursor.touch(
                MessageId.offset(id), consumer.owner, loop.nowMs(), consumer.messageTimeoutMs(), maxTimeoutMs);
        return outcome == Outcome.DONE ? null : text(outcome);
    }

    private static String text(Outcome outcome) {
        return outcome == Outcome.NOT_OWNER ? NOT_OWNER : NOT_IN_FLIGHT;
    }

    // ---- never answered

    /// The consumer is gone: what it held goes back to the channel.
    void giveBack(Consumer consumer) {
        int returned = cursor.requeueAll(consumer.owner);
        assert returned == consumer.inFlightCount : returned + " " + consumer.inFlightCount;
        consumer.inFlightCount = 0;
    }

    /// To be called when messages went out or came back.
    void armDeadline() {
        deadline.set(cursor.nextDeadlineMs());
    }

    private void onDeadline() {
        if (cursor.expire(loop.nowMs(), this::onTimedOut) > 0) {
            delivery.onReturned();
        }
        armDeadline();
    }

    private long onTimedOut(long offset, int owner, int attempts) {
        timeoutCount++;
        var consumer = consumers.find(owner);
        if (consumer == null) {
            throw new IllegalStateException(
                    "offset " + offset + " was in flight to owner " + owner + " of " + channel.name() + ", who left");
        }
        consumer.inFlightCount--;
        return delayMs(channel.settings(), attempts, 0);
    }

    void onCursorMoved() {
        consumers.onCursorMoved();
        if (latency != null) {
            latency.onCursorMoved();
        }
    }

    void close() {
        deadline.end();
    }

    // ---- figures

    void addLatencies(LatencyHistogram target) {
        if (latency != null) {
            latency.addTo(target, loop.nowMs());
        }
    }

    ChannelCounts counts(ChannelLosses losses) {
        return new ChannelCounts(
                deliveryCount,
                nearbyCounts.stats(),
                finishCount,
                requeueCount,
                timeoutCount,
                losses.expiredCount(),
                losses.deadLetterCount(),
                losses.droppedCount(),
                latency == null ? 0 : latency.totalCount(),
                latency == null ? 0 : latency.totalMs());
    }
}
