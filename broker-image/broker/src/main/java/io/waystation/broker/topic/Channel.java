package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Cursor;
import io.waystation.channel.CursorLog;
import io.waystation.channel.LatencyHistogram;
import io.waystation.channel.Owner;
import io.waystation.wire.Names;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One channel of a topic: how far it has come in the topic's log, by which rules, and what is asked of it as a whole.
/// What is asked lasts: it is written to the cursor log before it is done. Confined to its topic's loop.
///
/// Consumers, and all that concerns delivering to them, are its [ChannelDelivery], which most channels of a broker with
/// very many never need.
public final class Channel {
    /// Consumers of one channel when no flag says less.
    private static final int MAX_CONSUMERS = 100_000;

    private final Topic topic;
    private final String name;
    private final Cursor cursor;
    private final ChannelGap gap;
    private final EmptiedRanges emptied;
    private @Nullable ChannelDelivery delivery;

    private ChannelSettings settings;
    private boolean paused;
    private boolean closed;

    /// The topic's distributed end when counting began, so that the message count starts at 0 with the process.
    private final long countedFrom;
    private long deletedCount;

    /// Deferred messages published before this were emptied away.
    private long skipDeferredBeforeMs;
    /// How many of them wait still; forgotten at a restart.
    private long emptiedDeferredCount;

    /// The channel that the topic's cursor log knows by that name.
    Channel(Topic topic, String name, Cursor cursor, long countedFrom) throws IOException {
        var stored = topic.cursors();
        this.topic = topic;
        this.name = name;
        this.cursor = cursor;
        this.countedFrom = countedFrom;
        this.paused = stored.paused(name);
        this.settings = stored.settings(name);
        this.skipDeferredBeforeMs = stored.skipDeferredBeforeMs(name);
        this.emptied = topic.channels().emptied();
        this.gap = ChannelGap.fromProperty(stored.property(name, ChannelGap.PROPERTY));
    }

    /// Timers run from now on.
    void start() {
        assert loop().isCurrent();
        if (cursor.hasRedelivery() || cursor.nextDeadlineMs() < Long.MAX_VALUE || settings.timeToLiveMs() > 0) {
            delivery().start();
        }
    }

    private ChannelDelivery delivery() {
        if (delivery == null) {
            delivery = new ChannelDelivery(this);
        }
        return delivery;
    }

    public String name() {
        return name;
    }

    public Topic topic() {
        return topic;
    }

    Loop loop() {
        return topic.loop();
    }

    private CursorLog cursors() {
        return topic.cursors();
    }

    public boolean isPaused() {
        return paused;
    }

    boolean isClosed() {
        return closed;
    }

    public boolean isEphemeral() {
        return Names.isEphemeral(name);
    }

    public ChannelSettings settings() {
        return settings;
    }

    public @Nullable Owner owner() {
        return cursors().owner(name);
    }

    Cursor cursor() {
        return cursor;
    }

    // ---- consumers and messages

    /// Adds a consumer; null when the channel has as many as `limit` allows (0: no limit).
    public @Nullable Consumer join(ConsumerOutput output, ConsumerTerms terms, int limit) {
        assert loop().isCurrent();
        return delivery().join(output, terms, consumerLimit(limit));
    }

    /// How many consumers a flag's limit allows; 0 stands for no limit.
    public static int consumerLimit(int limit) {
        return limit == 0 ? MAX_CONSUMERS : Math.min(limit, MAX_CONSUMERS);
    }

    List<Consumer> consumers() {
        return delivery == null ? List.of() : delivery.consumers();
    }

    /// Something may be deliverable.
    void onMessages() {
        if (delivery != null || hasEmptiedDeferred() || isEphemeral()) {
            delivery().onMessages();
        }
    }

    /// Retention deletes what is below the offset; how many messages the channel loses by that. What is in flight is
    /// delivered anew, under a new generation.
    long dropBelow(long offset) {
        long dropped = cursor.dropBelow(offset);
        if (dropped > 0) {
            deletedCount += dropped;
            topic.cursorWriter().changed();
            onCursorMoved();
        }
        return dropped;
    }

    /// In flight is nothing any more, and the reader stands elsewhere.
    private void onCursorMoved() {
        if (delivery != null) {
            delivery.onCursorMoved();
        }
        onMessages();
    }

    // ---- what is asked of it

    /// Other rules, from now on.
    public void declare(ChannelSettings changed) throws IOException {
        if (changed.equals(settings)) {
            return;
        }
        topic.refuseIfFailed();
        cursors().setSettings(name, changed);
        settings = changed;
        if (delivery != null || changed.timeToLiveMs() > 0) {
            delivery().onSettings();
        }
    }

    public void setOwner(@Nullable Owner owner) throws IOException {
        topic.refuseIfFailed();
        cursors().setOwner(name, owner);
    }

    /// While paused, nothing is delivered.
    public void pause(boolean pause) throws IOException {
        topic.refuseIfFailed();
        cursors().setPaused(name, pause);
        paused = pause;
        if (!pause) {
            onMessages();
        } else if (delivery != null) {
            delivery.onPaused();
        }
    }

    /// Drops everything, what is deferred included.
    public void empty() throws IOException {
        topic.refuseIfFailed();
        var deferred = topic.deferred();
        long mark = deferred.stampMs() + 1;
        cursors().empty(name, topic.latestOffset(), mark);
        deferred.stampFrom(mark);
        skipDeferredBeforeMs = mark;
        emptiedDeferredCount = deferred.count();
        onCursorMoved();
    }

    /// Goes on at the offset as if nothing from there on had been delivered; what is in flight is not any more, and
    /// late answers to it are refused. The offset is one that the log holds, or its end.
    public void seek(long offset) throws IOException {
        assert loop().isCurrent();
        topic.refuseIfFailed();
        long earliest = topic.earliestOffset();
        long latest = topic.latestOffset();
        if (offset < earliest || offset > latest) {
            throw new IllegalArgumentException("offset: " + offset + " (expected: " + earliest + ".." + latest + ")");
        }
        cursors().seek(name, offset);
        onCursorMoved();
    }

    /// Ends the channel; its consumers' connections are closed.
    void close() {
        closed = true;
        if (delivery != null) {
            delivery.close();
        }
    }

    // ---- messages that are none of its own

    /// Whether the offset is of messages that other channels alone were to get, or were dropped before this one came to
    /// them.
    boolean passesOver(long offset) {
        return emptied.contains(offset) || gap.contains(offset);
    }

    private long passedOver() {
        long end = topic.latestOffset();
        return gap.countIn(cursor.next(), end) + emptied.countIn(cursor.next(), end);
    }

    long skipDeferredBeforeMs() {
        return skipDeferredBeforeMs;
    }

    /// Whether messages that were emptied away are still to come.
    boolean hasEmptiedDeferred() {
        return emptiedDeferredCount > 0;
    }

    /// One of them came.
    void onEmptiedDeferred() {
        emptiedDeferredCount = Math.max(0, emptiedDeferredCount - 1);
    }

    /// The topic's deferred messages were dropped.
    void onDeferredCleared() {
        emptiedDeferredCount = 0;
    }

    // ---- figures

    public long depth() {
        return cursor.depth(topic.latestOffset()) - passedOver();
    }

    long unfinished() {
        return cursor.unfinishedCount(topic.latestOffset()) - passedOver();
    }

    /// Requeued messages that wait, and deferred ones of the topic that are this channel's.
    long deferredCount() {
        return cursor.deferredCount() + Math.max(0, topic.deferred().count() - emptiedDeferredCount);
    }

    long messageCount() {
        return topic.latestOffset() - countedFrom;
    }

    /// Unfinished messages that retention deleted.
    long deletedCount() {
        return deletedCount;
    }

    ChannelCounts counts() {
        return delivery == null ? ChannelCounts.NONE : delivery.counts();
    }

    /// Adds how long the window's messages took.
    void addLatencies(LatencyHistogram target) {
        if (delivery != null) {
            delivery.addLatencies(target);
        }
    }

    /// Why nothing new is delivered although there is something; null while all is well.
    @Nullable String stall() {
        var stall = delivery == null ? null : delivery.stall();
        if (stall != null) {
            return stall;
        }
        return cursor.stalled() ? "the limit of unfinished messages is reached: " + Cursor.MAX_UNFINISHED : null;
    }
}
