package io.waystation.broker.topic;

import java.util.Map;

/// One connection as /stats shows it.
public record ClientStats(
        String clientId,
        String hostname,
        String userAgent,
        String remoteAddress,
        int state,
        long readyCount,
        int inFlightCount,
        long messageCount,
        long finishCount,
        long requeueCount,
        long connectSeconds,
        int sampleRate,
        Map<String, Long> publishCounts) {}
