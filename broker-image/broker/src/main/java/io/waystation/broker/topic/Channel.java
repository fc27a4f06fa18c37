package io.waystation.broker.topic;

import io.waystation.broker.loop.Alarm;
import io.waystation.broker.loop.Loop;
import io.waystation.broker.loop.Phase;
import io.waystation.broker.loop.Work;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Cursor;
import io.waystation.channel.Dispatch;
import io.waystation.channel.LatencyHistogram;
import io.waystation.channel.Outcome;
import io.waystation.channel.ProcessingLatency;
import io.waystation.channel.Retirement;
import io.waystation.wire.MessageId;
import io.waystation.wire.Names;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One channel of a topic: its consumers, what they say of their messages, and the time that passes. What is delivered
/// next, and to whom, its [Dispatch] decides. Confined to its topic's loop.
public final class Channel {
    /// Messages moved in one pass; the rest waits for the next, so that one channel cannot hold up the loop.
    private static final int PUMP_BUDGET = 10_000;
    /// Consumers of one channel when no flag says less.
    private static final int MAX_CONSUMERS = 100_000;
    /// What is too old is looked for ten times in a message's life, but not more or less often than this.
    private static final long SHORTEST_SWEEP_MS = 50;

    private static final long LONGEST_SWEEP_MS = 10_000;
    private static final int SWEEPS = 10;
    private static final String NOT_IN_FLIGHT = "ID not in flight";
    private static final String NOT_OWNER = "client does not own message";
    private static final Logger LOG = LoggerFactory.getLogger(Channel.class);

    private final Topic topic;
    private final String name;
    private final Loop loop;
    private final Cursor cursor;
    private final ChannelOutlet outlet;
    private final Work pump;

    /// In the order of their owner numbers, of which none is used again.
    private final List<Consumer> consumers = new ArrayList<>();
    /// Those that take messages: all but the ones that said CLS.
    private final List<Consumer> takers = new ArrayList<>();
    private int lastOwner;
    private ChannelSettings settings;
    private Dispatch dispatch;
    private boolean paused;
    private boolean closed;
    /// Why nothing is delivered although there is something; null while all is well.
    private @Nullable String stall;

    /// Rings when a message times out or its deferral ends.
    private final Alarm deadline;
    private boolean sweepArmed;
    /// The topic's distributed end when counting began, so that the message count starts at 0 with the process.
    private final long countedFrom;
    private long deliveryCount;
    private final NearbyCounts nearbyCounts = new NearbyCounts();
    private long finishCount;
    private long requeueCount;
    private long timeoutCount;
    private ChannelGap gap = ChannelGap.NONE;
    /// Null when no latencies are shown.
    private final @Nullable ProcessingLatency latency;
    private long deletedCount;

    Channel(
            Topic topic,
            String name,
            Cursor cursor,
            long countedFrom,
            boolean paused,
            ChannelSettings settings,
            long skipDeferredBeforeMs) {
        this.topic = topic;
        this.name = name;
        this.loop = topic.loop();
        this.cursor = cursor;
        this.countedFrom = countedFrom;
        this.paused = paused;
        this.settings = settings;
        this.latency = topic.latencySettings().measure(loop.nowMs());
        this.outlet = new ChannelOutlet(this, cursor, skipDeferredBeforeMs);
        this.dispatch = Dispatch.of(settings, cursor, topic.log().partition(), takers, outlet);
        this.pump = loop.work(Phase.PUMP, this::pump);
        this.deadline = new Alarm(loop, this::onDeadline);
    }

    /// Timers run from now on.
    void start() {
        assert loop.isCurrent();
        armSweep();
        pump.request();
    }

    /// Sets what the channel passes over; before it delivers anything.
    void passOver(ChannelGap offsets) {
        gap = offsets;
    }

    public String name() {
        return name;
    }

    public Topic topic() {
        return topic;
    }

    public boolean isPaused() {
        return paused;
    }

    public boolean isEphemeral() {
        return Names.isEphemeral(name);
    }

    public ChannelSettings settings() {
        return settings;
    }

    Cursor cursor() {
        return cursor;
    }

    int generation() {
        return cursor.generation();
    }

    List<Consumer> consumers() {
        return consumers;
    }

    public long depth() {
        return cursor.depth(topic.distributedEnd()) - passedOver();
    }

    long unfinished() {
        return cursor.unfinishedCount(topic.distributedEnd()) - passedOver();
    }

    private long passedOver() {
        return gap.countIn(cursor.next(), topic.distributedEnd())
                + topic.emptied().countIn(cursor.next(), topic.distributedEnd());
    }

    boolean passesOver(long offset) {
        return gap.contains(offset);
    }

    /// A message went to a consumer.
    void onDelivered(long offset, long publishMs) {
        if (latency != null) {
            latency.delivered(offset, publishMs);
        }
    }

    /// Adds how long the window's messages took.
    void addLatencies(LatencyHistogram target) {
        if (latency != null) {
            latency.addTo(target, loop.nowMs());
        }
    }

    /// Messages whose time from publish to FIN was measured since the process began; none unless it is to be shown.
    long measuredCount() {
        return latency == null ? 0 : latency.totalCount();
    }

    /// How long these took, all together.
    long measuredMs() {
        return latency == null ? 0 : latency.totalMs();
    }

    /// Requeued messages that wait, and deferred ones of the topic that are this channel's.
    long deferredCount() {
        return cursor.deferredCount() + outlet.deferredCount();
    }

    long messageCount() {
        return topic.distributedEnd() - countedFrom;
    }

    /// Messages pushed to consumers, again and again included.
    long deliveryCount() {
        return deliveryCount;
    }

    void onDelivered() {
        deliveryCount++;
    }

    NearbyCounts nearbyCounts() {
        return nearbyCounts;
    }

    long finishCount() {
        return finishCount;
    }

    void onFinished() {
        finishCount++;
    }

    long requeueCount() {
        return requeueCount;
    }

    long timeoutCount() {
        return timeoutCount;
    }

    ChannelOutlet outlet() {
        return outlet;
    }

    /// Unfinished messages that retention deleted.
    long deletedCount() {
        return deletedCount;
    }

    // ---- consumers

    /// Adds a consumer; null when the channel has as many as `limit` allows (0: no limit).
    public @Nullable Consumer join(ConsumerOutput output, ConsumerTerms terms, int limit) {
        assert loop.isCurrent();
        if (consumers.size() >= consumerLimit(limit)) {
            return null;
        }
        lastOwner++;
        var consumer = new Consumer(this, output, lastOwner, terms);
        consumers.add(consumer);
        takers.add(consumer);
        dispatch.onJoined(consumer);
        return consumer;
    }

    /// How many consumers a flag's limit allows; 0 stands for no limit.
    public static int consumerLimit(int limit) {
        return limit == 0 ? MAX_CONSUMERS : Math.min(limit, MAX_CONSUMERS);
    }

    void onConsumerReady(Consumer consumer) {
        assert loop.isCurrent();
        if (consumer.isReady()) {
            pump.request();
        }
    }

    /// It takes nothing more; others may be due what it does not take.
    void onConsumerClosing(Consumer consumer) {
        if (takers.remove(consumer)) {
            dispatch.onLeft(consumer);
            pump.request();
        }
    }

    void onConsumerLeft(Consumer consumer) {
        assert loop.isCurrent();
        if (!consumers.remove(consumer)) {
            return;
        }
        consumer.closeWait();
        if (!closed) {
            int returned = cursor.requeueAll(consumer.owner);
            assert returned == consumer.inFlightCount : returned + " " + consumer.inFlightCount;
            consumer.inFlightCount = 0;
        }
        if (consumers.isEmpty() && isEphemeral() && !closed) {
            topic.onEphemeralChannelLeft(this);
            return;
        }
        pump.request();
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
        dispatch.onFinished(offset);
        settled(consumer);
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
        settled(consumer);
        return null;
    }

    private long allowedDelayMs(long offset, long delayMs) {
        if (settings.maxAttempts() == 0 && settings.requeueBackoff().minMs() == 0) {
            return delayMs;
        }
        return delayMs(cursor.attempts(offset), delayMs);
    }

    /// How long a message waits that came back after so many attempts; one that is given up waits for nothing.
    private long delayMs(int attempts, long askedMs) {
        boolean isWornOut = settings.maxAttempts() > 0 && attempts >= settings.maxAttempts();
        return isWornOut ? 0 : Math.max(askedMs, settings.requeueBackoff().delayMs(attempts));
    }

    @Nullable String touch(Consumer consumer, long id, long maxTimeoutMs) {
        if (!isMine(id)) {
            return NOT_IN_FLIGHT;
        }
        var outcome = cursor.touch(
                MessageId.offset(id), consumer.owner, loop.nowMs(), consumer.messageTimeoutMs(), maxTimeoutMs);
        return outcome == Outcome.DONE ? null : text(outcome);
    }

    private boolean isMine(long id) {
        return id != MessageId.UNKNOWN
                && MessageId.shard(id) == topic.shard()
                && MessageId.generation(id) == cursor.generation()
                && !closed;
    }

    private static String text(Outcome outcome) {
        return outcome == Outcome.NOT_OWNER ? NOT_OWNER : NOT_IN_FLIGHT;
    }

    private void settled(Consumer consumer) {
        consumer.inFlightCount--;
        topic.onCursorChanged();
        pump.request();
    }

    // ---- delivery

    /// Something may be deliverable.
    void onMessages() {
        if (!consumers.isEmpty() || outlet.hasEmptiedDeferred() || isEphemeral()) {
            pump.request();
        }
    }

    private void pump() {
        if (closed || stall != null || !hasDispatch()) {
            return;
        }
        try {
            if (consumers.isEmpty() && outlet.hasEmptiedDeferred()) {
                // What was emptied away is not to count as waiting until a consumer comes.
                dispatch.sweep(PUMP_BUDGET);
            }
            int left = paused ? 0 : PUMP_BUDGET;
            while (left > 0 && dispatch.step()) {
                left--;
            }
            boolean isLeft = left == 0 && !paused;
            if (isLeft || (isEphemeral() && dropsExcess())) {
                pump.request();
            }
            if (left < PUMP_BUDGET && !paused) {
                topic.onDelivered();
            }
        } catch (IOException failure) {
            stall(failure);
        }
        deadline.set(cursor.nextDeadlineMs());
    }

    /// Drops what waits beyond the limit of an ephemeral channel, the oldest first, so that a slow consumer does not
    /// keep the topic's log from shrinking. Whether there may be more.
    private boolean dropsExcess() {
        long waiting =
                topic.distributedEnd() - Math.max(cursor.floor(), topic.log().startOffset());
        long excess = waiting - topic.ephemeralDepth();
        if (excess <= 0) {
            return false;
        }
        long dropped = dispatch.forget(topic.distributedEnd() - topic.ephemeralDepth(), PUMP_BUDGET);
        if (dropped > 0) {
            outlet.onForgotten(dropped);
        }
        return dropped == PUMP_BUDGET;
    }

    /// Another delivery begins when all that is under way has come back; until then nothing is pushed.
    private boolean hasDispatch() {
        if (dispatch.delivery() == settings.delivery()) {
            return true;
        }
        if (!dispatch.isDrained()) {
            deadline.set(cursor.nextDeadlineMs());
            return false;
        }
        dispatch.close();
        dispatch = Dispatch.of(settings, cursor, topic.log().partition(), takers, outlet);
        return true;
    }

    private void stall(IOException failure) {
        stall = String.valueOf(failure.getMessage());
        LOG.atError()
                .addKeyValue("topic", topic.name())
                .addKeyValue("channel", name)
                .addKeyValue("offset", cursor.next())
                .setCause(failure)
                .log("channel stopped: its log cannot be read");
    }

    void onDeadLetterStored(int generation, long offset, int bytes, Retirement reason) {
        outlet.count(reason);
        if (!closed) {
            dispatch.onDeadLetterStored(generation, offset, bytes);
            pump.request();
        }
    }

    void onDeadLetterRefused(int generation, long offset, int bytes) {
        if (!closed) {
            dispatch.onDeadLetterRefused(generation, offset, bytes);
            pump.request();
        }
    }

    // ---- time

    private void onDeadline() {
        if (cursor.expire(loop.nowMs(), this::onTimedOut) > 0) {
            topic.onCursorChanged();
            pump.request();
        }
        deadline.set(cursor.nextDeadlineMs());
    }

    private long onTimedOut(long offset, int owner, int attempts) {
        timeoutCount++;
        var consumer = consumer(owner);
        if (consumer == null) {
            throw new IllegalStateException(
                    "offset " + offset + " was in flight to owner " + owner + " of " + name + ", who left");
        }
        consumer.inFlightCount--;
        return delayMs(attempts, 0);
    }

    private @Nullable Consumer consumer(int owner) {
        int low = 0;
        int high = consumers.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            var found = consumers.get(middle);
            if (found.owner == owner) {
                return found;
            }
            if (found.owner < owner) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    /// What is too old is given up whether or not a consumer comes.
    private void armSweep() {
        if (settings.timeToLiveMs() > 0 && !sweepArmed && !closed) {
            sweepArmed = true;
            long waitMs = Math.clamp(settings.timeToLiveMs() / SWEEPS, SHORTEST_SWEEP_MS, LONGEST_SWEEP_MS);
            loop.schedule(this::sweep, waitMs);
        }
    }

    private void sweep() {
        sweepArmed = false;
        if (closed || stall != null) {
            return;
        }
        try {
            if (dispatch.sweep(PUMP_BUDGET)) {
                sweepArmed = true;
                loop.execute(this::sweep);
                return;
            }
        } catch (IOException failure) {
            stall(failure);
        }
        armSweep();
        pump.request();
    }

    // ---- the whole channel

    /// Other rules, from now on.
    void settings(ChannelSettings changed) {
        settings = changed;
        dispatch.settings(changed);
        armSweep();
        pump.request();
    }

    /// Retention deletes what is below the offset; how many messages the channel loses by that. What is in flight is
    /// delivered anew, under a new generation.
    long dropBelow(long offset) {
        long dropped = cursor.dropBelow(offset);
        if (dropped > 0) {
            deletedCount += dropped;
            topic.onCursorChanged();
            onCursorMoved();
        }
        return dropped;
    }

    void pause(boolean pause) {
        paused = pause;
        if (pause) {
            for (var consumer : consumers) {
                consumer.output().onStarved();
            }
        } else {
            onMessages();
        }
    }

    /// Everything was dropped, what is deferred included.
    void onEmptied(long newSkipDeferredBeforeMs) {
        outlet.onEmptied(newSkipDeferredBeforeMs);
        onCursorMoved();
    }

    /// In flight is nothing any more, and the reader stands elsewhere.
    void onCursorMoved() {
        for (var consumer : consumers) {
            consumer.inFlightCount = 0;
        }
        dispatch.reset();
        if (latency != null) {
            latency.onCursorMoved();
        }
        stall = null;
        armSweep();
        onMessages();
    }

    /// Ends the channel; its consumers' connections are closed.
    void close() {
        closed = true;
        deadline.end();
        for (var consumer : List.copyOf(consumers)) {
            consumer.output().onChannelClosed();
        }
        dispatch.close();
    }

    /// Why nothing new is delivered although there is something; null while all is well.
    @Nullable String stall() {
        if (stall != null) {
            return stall;
        }
        if (dispatch.delivery() != settings.delivery()) {
            return "delivery " + settings.delivery().text() + " begins when nothing is in flight";
        }
        return cursor.stalled() ? "the limit of unfinished messages is reached: " + Cursor.MAX_UNFINISHED : null;
    }
}
