package io.waystation.broker.statsd;

import java.time.Duration;

/// What the `statsd-` options say.
///
/// @param address host:port
/// @param prefix begins every name; `%s` is replaced already
/// @param packetBytes of the largest packet; a line that is longer goes alone
public record StatsdSettings(
        String address,
        String prefix,
        Duration interval,
        int packetBytes,
        boolean withMemory,
        boolean withoutEphemeral) {

    /// The prefix that an option gives: `%s` becomes the broker's address and HTTP port, a dot ends it.
    public static String prefix(String option, String broadcastAddress, int httpPort) {
        if (option.isEmpty()) {
            return "";
        }
        // As Go joins host and port.
        var host = broadcastAddress.contains(":") ? "[" + broadcastAddress + "]" : broadcastAddress;
        var key = (host + ":" + httpPort).replace('.', '_').replace(':', '_');
        var prefix = option.replace("%s", key);
        return prefix.endsWith(".") ? prefix : prefix + ".";
    }
}
