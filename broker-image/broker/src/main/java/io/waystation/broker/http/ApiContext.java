package io.waystation.broker.http;

import io.waystation.broker.net.TcpServer;
import io.waystation.broker.topic.Topics;
import io.waystation.broker.topic.Volume;
import io.waystation.daemon.Settings;
import io.waystation.log.DataDirectory;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/// What the HTTP API speaks for. `settingsChanged` is run after settings were changed here.
///
/// @param incarnation new at each start of the process
/// @param completed values of options that the start has completed, by configuration key
/// @param version our own release
public record ApiContext(
        Topics topics,
        TcpServer server,
        Volume volume,
        Settings settings,
        DataDirectory directory,
        Runnable settingsChanged,
        UUID incarnation,
        long startMs,
        IntSupplier httpPort,
        Supplier<Map<String, Object>> completed,
        String broadcastAddress,
        String hostname,
        String version) {

    String health() {
        var failure = volume.failure();
        return failure == null ? "OK" : "NOK - " + failure;
    }
}
