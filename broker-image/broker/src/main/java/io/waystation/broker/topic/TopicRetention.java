package io.waystation.broker.topic;

import io.waystation.broker.loop.Alarm;
import io.waystation.broker.loop.Loop;
import io.waystation.log.PartitionLog;
import java.io.IOException;

/// Deletes segments of a topic's log: those that every channel is past, or under the policy `Bounded` those that
/// are too old or too many, consumed or not. Rolls old segments, so that it works on idle topics too. Confined to
/// the topic's loop.
final class TopicRetention {
    /// Bounds are kept to about this part: a segment spans at most that much of the time or size.
    private static final int SEGMENTS_IN_BOUND = 8;

    private static final long SMALLEST_SEGMENT_BYTES = 4096;
    private static final long SHORTEST_SEGMENT_MS = 100;
    /// What is due is looked at this seldom at most, in case the clock steps, and this often at most.
    private static final long MAX_WAIT_MS = 60_000;

    private static final long MIN_WAIT_MS = 20;
    /// Many topics with nothing due share the loop's timers, which cost as much as a twentieth of an idle topic each.
    private static final long TOGETHER_MS = 128;

    private final TopicContext context;
    private final Loop loop;
    private final TopicLog log;
    private final long maxSegmentBytes;
    private final long maxSegmentMs;
    private final TopicChannels channels;
    private final TopicKeys keys;
    private final TopicDeferred deferred;

    private TopicSettings.Retention settings = TopicSettings.Retention.CONSUMED;
    private long segmentMs;
    private final Alarm alarm;
    private boolean closed;

    TopicRetention(
            TopicContext context,
            Loop loop,
            TopicLog log,
            TopicChannels channels,
            TopicKeys keys,
            TopicDeferred deferred) {
        var logSettings = context.logSettings(loop);
        this.context = context;
        this.loop = loop;
        this.log = log;
        this.channels = channels;
        this.keys = keys;
        this.deferred = deferred;
        this.maxSegmentBytes = logSettings.segmentBytes();
        this.maxSegmentMs = logSettings.segmentMs();
        this.segmentMs = maxSegmentMs;
        this.alarm = new Alarm(loop, this::check);
    }

    void configure(TopicSettings.Retention retention) {
        settings = retention;
        segmentMs = maxSegmentMs;
        long segmentBytes = maxSegmentBytes;
        if (retention.isBounded() && retention.timeMs() > 0) {
            segmentMs = Math.min(maxSegmentMs, Math.max(SHORTEST_SEGMENT_MS, retention.timeMs() / SEGMENTS_IN_BOUND));
        }
        if (retention.isBounded() && retention.sizeBytes() > 0) {
            segmentBytes = Math.min(
                    maxSegmentBytes, Math.max(SMALLEST_SEGMENT_BYTES, retention.sizeBytes() / SEGMENTS_IN_BOUND));
        }
        log.partition().rollAt(segmentBytes, segmentMs);
        alarm.stop();
    }

    /// To be called when something may be past its time: a segment was sealed, channels moved, it became known what
    /// had fired.
    void check() {
        if (closed || context.volume().failure() != null || !deferred.knowsFirings()) {
            return;
        }
        try {
            roll();
            delete(Math.min(log.committedEnd(), keys.cover()));
        } catch (IOException failure) {
            context.volume().fail(failure);
            return;
        }
        arm();
    }

    /// A publish was refused: if for want of space, what is consumed makes some.
    void onRefused() {
        if (context.volume().isFull() && log.partition().sizeBytes() > 0 && channels.floor() >= log.committedEnd()) {
            check();
        }
    }

    /// On a full volume the active segment goes as soon as it is consumed: with a disk smaller than a segment there is
    /// no other, and no publish is taken that would end it.
    private void roll() throws IOException {
        long end = log.partition().endOffset();
        if (context.volume().isFull() && channels.floor() >= end) {
            if (settings.isBounded() || keys.cover() < end || !log.partition().startAnew()) {
                log.rollOlder(Long.MAX_VALUE, Long.MAX_VALUE);
            }
            return;
        }
        long nowMs = loop.wallMs();
        long largestBeforeMs =
                settings.isBounded() && settings.timeMs() > 0 ? nowMs - settings.timeMs() : Long.MIN_VALUE;
        log.rollOlder(nowMs - segmentMs, largestBeforeMs);
    }

    private void delete(long limit) throws IOException {
        PartitionLog partition = log.partition();
        if (!settings.isBounded()) {
            partition.deleteSegmentsBelow(Math.min(channels.floor(), limit));
            return;
        }
        long olderThanMs = settings.timeMs() == 0 ? Long.MIN_VALUE : loop.wallMs() - settings.timeMs();
        long maxBytes = settings.sizeBytes() == 0 ? Long.MAX_VALUE : settings.sizeBytes();
        long end = partition.expiredEnd(olderThanMs, maxBytes, limit);
        if (end > partition.startOffset()) {
            channels.onExpired(end);
            partition.deleteSegmentsBelow(end);
        }
    }

    /// Makes sure that the log is looked at when the next segment is old enough; to be called after an append.
    void arm() {
        if (alarm.isSet() || closed) {
            return;
        }
        long dueMs = dueMs();
        if (dueMs < Long.MAX_VALUE) {
            long waitMs = Math.clamp(dueMs - loop.wallMs(), MIN_WAIT_MS, MAX_WAIT_MS);
            long atMs = loop.nowMs() + waitMs;
            alarm.set(waitMs < MAX_WAIT_MS ? atMs : Math.ceilDiv(atMs, TOGETHER_MS) * TOGETHER_MS);
        }
    }

    private long dueMs() {
        long sinceMs = log.partition().activeSinceMs();
        long dueMs = sinceMs == Long.MAX_VALUE ? Long.MAX_VALUE : sinceMs + segmentMs + 1;
        long oldestMs = log.partition().oldestSegmentMs();
        if (settings.isBounded() && settings.timeMs() > 0 && oldestMs < Long.MAX_VALUE) {
            dueMs = Math.min(dueMs, oldestMs + settings.timeMs() + 1);
        }
        return dueMs;
    }

    void close() {
        closed = true;
        alarm.end();
    }
}
