package io.waystation.channel;

/// Learns which messages their owners held for too long, and says in how many milliseconds each is to be delivered
/// again; 0: at once.
@FunctionalInterface
public interface TimeoutListener {
    long timedOut(long offset, int owner, int attempts);
}
