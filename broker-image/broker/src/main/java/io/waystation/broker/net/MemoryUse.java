package io.waystation.broker.net;

/// What all connections together hold in memory at one moment. Immutable.
///
/// @param inputBytes of unfinished commands, and of what is on its way to topics
/// @param waitingCount connections that wait to be read on
/// @param stallCount how often one had to wait
/// @param closedCount connections that were closed because others waited and they did not go on
/// @param outputBytes that clients have not taken
/// @param handshakeCount TLS handshakes under way
/// @param handshakeWaitingCount connections whose handshake waits for its turn
/// @param authWaitingCount connections whose question to an auth server waits for its turn
/// @param authGivenUpCount questions that were given up without having been asked
public record MemoryUse(
        long inputBytes,
        int waitingCount,
        long stallCount,
        long closedCount,
        long outputBytes,
        int handshakeCount,
        int handshakeWaitingCount,
        int authWaitingCount,
        long authGivenUpCount) {}
