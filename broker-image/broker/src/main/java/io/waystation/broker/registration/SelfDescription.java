package io.waystation.broker.registration;

/// How this broker is reached, and where it stands, as lookups tell consumers.
public record SelfDescription(
        String broadcastAddress,
        String hostname,
        int tcpPort,
        int httpPort,
        String region,
        String zone,
        String version) {}
