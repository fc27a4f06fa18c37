package io.waystation.channel;

/// How near a consumer is to the broker, the nearest first.
public enum Proximity {
    ZONE,
    REGION,
    ELSEWHERE
}
