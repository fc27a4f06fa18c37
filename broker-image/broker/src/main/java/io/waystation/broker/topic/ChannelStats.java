package io.waystation.broker.topic;

import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Owner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One channel at one moment; counters start at 0 with the process.
public record ChannelStats(
        String name,
        long depth,
        int inFlightCount,
        long deferredCount,
        long messageCount,
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
        List<ClientStats> clients) {}
