package io.waystation.broker.net;

/// What all connections together may take; settled at the start. Immutable.
///
/// @param connections at once; one more is closed at once
/// @param memoryBytes that their unfinished commands may take, and as many that what waits for clients may take
public record ConnectionBounds(int connections, long memoryBytes) {}
