package io.waystation.channel;

/// Learns which messages their owners held for too long.
@FunctionalInterface
public interface TimeoutListener {
    void timedOut(long offset, int owner);
}
