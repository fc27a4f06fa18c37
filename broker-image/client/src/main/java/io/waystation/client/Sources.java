package io.waystation.client;

import java.util.List;

/// Where a consumer finds brokers: addresses of brokers (`host:port`), or of lookups (`host:port` of their HTTP,
/// or URLs). Immutable.
public record Sources(List<String> brokers, List<String> lookups) {
    public Sources {
        brokers.forEach(BrokerAddress::parse);
        brokers = List.copyOf(brokers);
        lookups = List.copyOf(lookups);
    }

    /// Throws an [IllegalArgumentException] when one is no address.
    public static Sources brokers(List<String> addresses) {
        return new Sources(addresses, List.of());
    }

    public static Sources lookups(List<String> addresses) {
        return new Sources(List.of(), addresses);
    }
}
