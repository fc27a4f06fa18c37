package io.waystation.broker.topic;

/// A connection's TLS session as /stats shows it, in NSQ's words.
public record TlsStats(String cipherSuite, String version, String protocol) {}
