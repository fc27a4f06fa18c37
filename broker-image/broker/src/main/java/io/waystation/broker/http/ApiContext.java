package io.waystation.broker.http;

import io.waystation.broker.net.TcpServer;
import io.waystation.broker.topic.Topics;
import io.waystation.broker.topic.Volume;
import io.waystation.daemon.Settings;
import io.waystation.log.DataDirectory;
import java.util.UUID;
import java.util.function.IntSupplier;

/// What the HTTP API speaks for. `settingsChanged` is run after settings were changed here.
///
/// @param incarnation new at each start of the process
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
        String broadcastAddress,
        String hostname,
        String version) {

    String health() {
        var failure = volume.failure();
        return failure == null ? "OK" : "NOK - " + failure;
    }
}
