package io.waystation.broker.topic;

import io.waystation.channel.ChannelSettings;
import io.waystation.channel.LatencyHistogram;
import io.waystation.channel.Owner;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One channel at one moment; counters start at 0 with the process.
///
/// @param latency over the window
/// @param measuredCount messages whose latency was measured since the process began
/// @param measuredMs their latencies, all together
public record ChannelStats(
        String name,
        long depth,
        int inFlightCount,
        long deferredCount,
        long messageCount,
        long deliveryCount,
        NearbyStats nearby,
        long finishCount,
        long requeueCount,
        long timeoutCount,
        long expiredCount,
        long deadLetterCount,
        long droppedCount,
        long deletedCount,
        ChannelSettings settings,
        @Nullable String stall,
        boolean paused,
        long floor,
        long next,
        long unfinished,
        @Nullable Owner owner,
        int clientCount,
        List<ClientStats> clients,
        LatencyStats latency,
        long measuredCount,
        long measuredMs) {

    /// The channel as it is now; on its loop.
    static ChannelStats of(Channel channel, boolean withClients) {
        var clients = new ArrayList<ClientStats>();
        if (withClients) {
            for (var consumer : channel.consumers()) {
                clients.add(consumer.output().stats(consumer));
            }
            clients.sort(Comparator.comparing(ClientStats::remoteAddress));
        }
        var latencies = new LatencyHistogram();
        channel.addLatencies(latencies);
        var cursor = channel.cursor();
        var counts = channel.counts();
        return new ChannelStats(
                channel.name(),
                channel.depth(),
                cursor.inFlightCount(),
                channel.deferredCount(),
                channel.messageCount(),
                counts.deliveryCount(),
                counts.nearby(),
                counts.finishCount(),
                counts.requeueCount(),
                counts.timeoutCount(),
                counts.expiredCount(),
                counts.deadLetterCount(),
                counts.droppedCount(),
                channel.deletedCount(),
                channel.settings(),
                channel.stall(),
                channel.isPaused(),
                cursor.floor(),
                cursor.next(),
                channel.unfinished(),
                channel.owner(),
                channel.consumers().size(),
                clients,
                channel.topic().latencySettings().stats(latencies),
                counts.measuredCount(),
                counts.measuredMs());
    }
}
