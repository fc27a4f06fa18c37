package io.waystation.broker.topic;

/// Who a client is by an auth server's words, as /stats shows it.
public record AuthStats(String identity, String identityUrl) {}
