package io.waystation.client;

import java.net.InetSocketAddress;

/// Where a broker listens, as `host:port`. The host is resolved anew for each connection, since it may have
/// moved. Immutable.
record BrokerAddress(String host, int port) {
    private static final int MAX_PORT = 65535;

    /// Throws an [IllegalArgumentException] when it is no address.
    static BrokerAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        try {
            if (colon > 0) {
                int port = Integer.parseInt(text.substring(colon + 1));
                if (port >= 0 && port <= MAX_PORT) {
                    return new BrokerAddress(text.substring(0, colon), port);
                }
            }
        } catch (NumberFormatException notAPort) {
            throw new IllegalArgumentException("address '" + text + "' (expected: host:port)", notAPort);
        }
        throw new IllegalArgumentException("address '" + text + "' (expected: host:port)");
    }

    InetSocketAddress resolve() {
        return new InetSocketAddress(host, port);
    }
}
