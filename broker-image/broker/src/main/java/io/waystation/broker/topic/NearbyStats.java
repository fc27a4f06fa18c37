package io.waystation.broker.topic;

/// Messages by how near those were that got them, as /stats shows them; all 0 unless that matters.
public record NearbyStats(long zone, long region, long elsewhere) {
    public static final NearbyStats NONE = new NearbyStats(0, 0, 0);
}
