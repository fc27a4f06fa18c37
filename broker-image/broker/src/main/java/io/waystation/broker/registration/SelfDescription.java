package io.waystation.broker.registration;

/// How this broker is reached, as lookups tell consumers.
public record SelfDescription(String broadcastAddress, String hostname, int tcpPort, int httpPort, String version) {}
