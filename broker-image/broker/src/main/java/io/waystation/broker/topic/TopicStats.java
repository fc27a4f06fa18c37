package io.waystation.broker.topic;

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
