package io.waystation.broker.topic;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One connection as /stats shows it.
///
/// @param auth null: nothing was granted to it
/// @param tls null: it came without TLS
public record ClientStats(
        String clientId,
        String hostname,
        String userAgent,
        String remoteAddress,
        int state,
        long readyCount,
        int inFlightCount,
        long messageCount,
        NearbyStats nearby,
        long finishCount,
        long requeueCount,
        long connectSeconds,
        int sampleRate,
        String topologyRegion,
        String topologyZone,
        Map<String, Long> publishCounts,
        boolean snappy,
        boolean deflate,
        @Nullable AuthStats auth,
        @Nullable TlsStats tls) {}
