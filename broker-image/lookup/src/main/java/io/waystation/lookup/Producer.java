package io.waystation.lookup;

import java.util.Set;
import java.util.TreeSet;

/// One broker that is connected: how it is reached, when it last gave a sign of life, and what it has registered. Its
/// mutable part is confined to the registry and its lock.
final class Producer {
    private final String remoteAddress;
    private final Peer peer;
    private long lastUpdateNs;
    /// Topics in which it has a registration.
    private final Set<String> topics = new TreeSet<>();
    /// Registrations of topics and channels together.
    private int registrationCount;

    Producer(String remoteAddress, Peer peer, long nowNs) {
        this.remoteAddress = remoteAddress;
        this.peer = peer;
        this.lastUpdateNs = nowNs;
    }

    String remoteAddress() {
        return remoteAddress;
    }

    Peer peer() {
        return peer;
    }

    long lastUpdateNs() {
        return lastUpdateNs;
    }

    void seen(long nowNs) {
        lastUpdateNs = nowNs;
    }

    Set<String> topics() {
        return topics;
    }

    int registrationCount() {
        return registrationCount;
    }

    void count(int change) {
        registrationCount += change;
    }
}
