package io.waystation.broker.topic;

import io.waystation.channel.Proximity;

/// Messages by how near those were that got them; all 0 unless that matters. Confined to the channel's loop.
final class NearbyCounts {
    private long zone;
    private long region;
    private long elsewhere;

    void add(Proximity proximity) {
        switch (proximity) {
            case ZONE -> zone++;
            case REGION -> region++;
            case ELSEWHERE -> elsewhere++;
        }
    }

    NearbyStats stats() {
        return new NearbyStats(zone, region, elsewhere);
    }
}
