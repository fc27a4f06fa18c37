package io.waystation.lookup;

/// One broker that is connected: how it is reached, and when it last gave a sign of life. Confined to the registry.
final class Producer {
    private final String remoteAddress;
    private final Peer peer;
    private long lastUpdateNs;

    /// How a broker describes itself.
    record Peer(
            String broadcastAddress,
            String hostname,
            int tcpPort,
            int httpPort,
            String version,
            String topologyZone,
            String topologyRegion) {

        /// How nsqadmin names a node.
        String node() {
            return broadcastAddress + ":" + httpPort;
        }
    }

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
}
