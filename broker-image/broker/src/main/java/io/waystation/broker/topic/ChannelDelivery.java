package io.waystation.broker.topic;

import io.waystation.broker.loop.Alarm;
import io.waystation.broker.loop.Loop;
import io.waystation.broker.loop.Phase;
import io.waystation.broker.loop.Work;
import io.waystation.channel.Cursor;
import io.waystation.channel.Dispatch;
import io.waystation.channel.LatencyHistogram;
import io.waystation.channel.Retirement;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Moves a channel's messages to its consumers, at the end of each pass in which there is reason to, and gives up what
/// its rules say. What is delivered next, and to whom, its [Dispatch] decides; what was delivered is [InFlight].
/// Confined to the topic's loop.
final class ChannelDelivery {
    /// Messages moved in one pass; the rest waits for the next, so that one channel cannot hold up the loop.
    private static final int PUMP_BUDGET = 10_000;
    /// What is too old is looked for ten times in a message's life, but not more or less often than this.
    private static final long SHORTEST_SWEEP_MS = 50;

    private static final long LONGEST_SWEEP_MS = 10_000;
    private static final int SWEEPS = 10;
    private static final Logger LOG = LoggerFactory.getLogger(ChannelDelivery.class);

    private final Channel channel;
    private final Topic topic;
    private final TopicCursors cursorWriter;
    private final Loop loop;
    private final Cursor cursor;
    private final ChannelConsumers consumers = new ChannelConsumers();
    private final InFlight inFlight;
    private final ChannelLosses losses;
    private final ChannelOutlet outlet;
    private final Work pump;
    private final Alarm sweeps;
    private Dispatch dispatch;
    /// Why nothing is delivered although there is something; null while all is well.
    private @Nullable String stall;

    ChannelDelivery(Channel channel) {
        this.channel = channel;
        this.topic = channel.topic();
        this.cursorWriter = topic.cursorWriter();
        this.loop = topic.loop();
        this.cursor = channel.cursor();
        this.inFlight = new InFlight(channel, this, consumers);
        this.losses = new ChannelLosses(channel, this);
        this.outlet = new ChannelOutlet(channel, inFlight, losses);
        this.dispatch = newDispatch();
        this.pump = loop.work(Phase.PUMP, this::pump);
        this.sweeps = new Alarm(loop, this::sweep);
    }

    private Dispatch newDispatch() {
        return Dispatch.of(channel.settings(), cursor, topic.log().partition(), consumers.takers(), outlet);
    }

    /// Timers run from now on.
    void start() {
        armSweep();
        pump.request();
    }

    Channel channel() {
        return channel;
    }

    // ---- consumers

    List<Consumer> consumers() {
        return consumers.all();
    }

    /// Null when there are as many already.
    @Nullable Consumer join(ConsumerOutput output, ConsumerTerms terms, int limit) {
        if (consumers.all().size() >= limit) {
            return null;
        }
        var consumer = new Consumer(this, inFlight, output, consumers.nextOwner(), terms);
        consumers.add(consumer);
        dispatch.onJoined(consumer);
        return consumer;
    }

    void onReady(Consumer consumer) {
        assert loop.isCurrent();
        if (consumer.isReady()) {
            pump.request();
        }
    }

    /// It takes nothing more; others may be due what it does not take.
    void onClosing(Consumer consumer) {
        if (consumers.stopsTaking(consumer)) {
            dispatch.onLeft(consumer);
            pump.request();
        }
    }

    void onLeft(Consumer consumer) {
        assert loop.isCurrent();
        if (!consumers.remove(consumer)) {
            return;
        }
        consumer.closeWait();
        if (!channel.isClosed()) {
            inFlight.giveBack(consumer);
        }
        if (consumers.isEmpty() && channel.isEphemeral() && !channel.isClosed()) {
            topic.channels().onEphemeralLeft(channel);
            return;
        }
        pump.request();
    }

    /// A message is done.
    void onFinished(long offset) {
        dispatch.onFinished(offset);
        onReturned();
    }

    /// A consumer has room again, or a message waits again.
    void onReturned() {
        cursorWriter.changed();
        pump.request();
    }

    // ---- delivery

    /// Something may be deliverable.
    void onMessages() {
        if (!consumers.isEmpty() || channel.hasEmptiedDeferred() || channel.isEphemeral()) {
            pump.request();
        }
    }

    private void pump() {
        if (channel.isClosed() || stall != null || !hasDispatch()) {
            return;
        }
        try {
            if (consumers.isEmpty() && channel.hasEmptiedDeferred()) {
                // What was emptied away is not to count as waiting until a consumer comes.
                dispatch.sweep(PUMP_BUDGET);
            }
            boolean paused = channel.isPaused();
            int left = paused ? 0 : PUMP_BUDGET;
            while (left > 0 && dispatch.step()) {
                left--;
            }
            boolean isLeft = left == 0 && !paused;
            if (isLeft || (channel.isEphemeral() && dropsExcess())) {
                pump.request();
            }
            if (left < PUMP_BUDGET && !paused) {
                cursorWriter.moved();
            }
        } catch (IOException failure) {
            stall(failure);
        }
        inFlight.armDeadline();
    }

    /// Drops what waits beyond the limit of an ephemeral channel, the oldest first, so that a slow consumer does not
    /// keep the topic's log from shrinking. Whether there may be more.
    private boolean dropsExcess() {
        long end = topic.latestOffset();
        long depth = topic.ephemeralDepth();
        long waiting = end - Math.max(cursor.floor(), topic.earliestOffset());
        if (waiting <= depth) {
            return false;
        }
        long dropped = dispatch.forget(end - depth, PUMP_BUDGET);
        if (dropped > 0) {
            losses.forgotten(dropped);
        }
        return dropped == PUMP_BUDGET;
    }

    /// Another delivery begins when all that is under way has come back; until then nothing is pushed.
    private boolean hasDispatch() {
        if (!isChanging()) {
            return true;
        }
        if (!dispatch.isDrained()) {
            inFlight.armDeadline();
            return false;
        }
        dispatch.close();
        dispatch = newDispatch();
        return true;
    }

    private boolean isChanging() {
        return dispatch.delivery() != channel.settings().delivery();
    }

    private void stall(IOException failure) {
        stall = String.valueOf(failure.getMessage());
        LOG.atError()
                .addKeyValue("topic", topic.name())
                .addKeyValue("channel", channel.name())
                .addKeyValue("offset", cursor.next())
                .setCause(failure)
                .log("channel stopped: its log cannot be read");
    }

    void onDeadLetterStored(int generation, long offset, int bytes, Retirement reason) {
        losses.count(reason);
        if (!channel.isClosed()) {
            dispatch.onDeadLetterStored(generation, offset, bytes);
            pump.request();
        }
    }

    void onDeadLetterRefused(int generation, long offset, int bytes) {
        if (!channel.isClosed()) {
            dispatch.onDeadLetterRefused(generation, offset, bytes);
            pump.request();
        }
    }

    // ---- time to live

    /// What is too old is given up whether or not a consumer comes.
    private void armSweep() {
        long timeToLiveMs = channel.settings().timeToLiveMs();
        if (timeToLiveMs > 0 && !sweeps.isSet()) {
            sweeps.set(loop.nowMs() + Math.clamp(timeToLiveMs / SWEEPS, SHORTEST_SWEEP_MS, LONGEST_SWEEP_MS));
        }
    }

    private void sweep() {
        if (stall != null) {
            return;
        }
        try {
            if (dispatch.sweep(PUMP_BUDGET)) {
                sweeps.set(loop.nowMs());
                return;
            }
        } catch (IOException failure) {
            stall(failure);
        }
        armSweep();
        pump.request();
    }

    // ---- the whole channel

    /// The channel has other rules.
    void onSettings() {
        dispatch.settings(channel.settings());
        armSweep();
        pump.request();
    }

    void onPaused() {
        consumers.onPaused();
    }

    void onCursorMoved() {
        inFlight.onCursorMoved();
        dispatch.reset();
        stall = null;
        armSweep();
    }

    void close() {
        inFlight.close();
        sweeps.end();
        consumers.onChannelClosed();
        dispatch.close();
    }

    ChannelCounts counts() {
        return inFlight.counts(losses);
    }

    void addLatencies(LatencyHistogram target) {
        inFlight.addLatencies(target);
    }

    /// Why nothing is delivered although there is something; null while all is well.
    @Nullable String stall() {
        if (stall != null) {
            return stall;
        }
        return isChanging()
                ? "delivery " + channel.settings().delivery().text() + " begins when nothing is in flight"
                : null;
    }
}
