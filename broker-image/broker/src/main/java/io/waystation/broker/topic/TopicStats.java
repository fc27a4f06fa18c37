package io.waystation.broker.topic;

import io.waystation.channel.LatencyHistogram;
import io.waystation.channel.Owner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One topic at one moment; counters start at 0 with the process. `unfinished` counts what a deletion would lose.
public record TopicStats(
        String name,
        long depth,
        long messageCount,
        long messageBytes,
        boolean paused,
        long sizeBytes,
        int segmentCount,
        long startOffset,
        long endOffset,
        long deletedCount,
        long duplicateCount,
        long evictedKeyCount,
        long deferredCount,
        long unfinished,
        @Nullable Owner owner,
        TopicSettings settings,
        List<ChannelStats> channels,
        LatencyStats latency) {

    /// The topic as it is now, without its channels; on its loop.
    static TopicStats of(Topic topic) {
        var log = topic.log();
        var channels = topic.channels();
        var keys = topic.keys();
        long depth = channels.depth();
        long deferredCount = topic.deferred().count();
        long unfinished = depth;
        var latencies = new LatencyHistogram();
        for (var channel : channels.all()) {
            channel.addLatencies(latencies);
            unfinished = Math.max(unfinished, depth + channel.unfinished());
        }
        return new TopicStats(
                topic.name(),
                depth,
                log.messageCount(),
                log.messageBytes(),
                channels.isPaused(),
                log.partition().sizeBytes(),
                log.partition().segmentCount(),
                log.startOffset(),
                log.committedEnd(),
                channels.deletedCount(),
                keys.duplicateCount(),
                keys.evictedCount(),
                deferredCount,
                unfinished + deferredCount,
                topic.owner(),
                topic.settings(),
                List.of(),
                // As nsqd has it, where a topic has no figures but its channels'.
                channels.isEmpty() ? LatencyStats.NONE : topic.latencySettings().stats(latencies));
    }

    /// The same topic with these channels.
    TopicStats with(List<ChannelStats> others) {
        return new TopicStats(
                name,
                depth,
                messageCount,
                messageBytes,
                paused,
                sizeBytes,
                segmentCount,
                startOffset,
                endOffset,
                deletedCount,
                duplicateCount,
                evictedKeyCount,
                deferredCount,
                unfinished,
                owner,
                settings,
                others,
                latency);
    }
}
