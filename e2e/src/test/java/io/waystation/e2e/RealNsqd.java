package io.waystation.e2e;

import io.waystation.broker.TestDaemon;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A real nsqd as a process, on free ports.
final class RealNsqd implements TestDaemon {
    private final Command process;
    private final int port;
    private final int httpPort;

    RealNsqd(Path data, String... flags) throws IOException {
        var words = new ArrayList<>(List.of("--node-id=1"));
        words.addAll(List.of(flags));
        process = Peers.nsqd(data, words.toArray(String[]::new));
        port = port("TCP");
        httpPort = port("HTTP");
    }

    private int port(String protocol) throws IOException {
        var address = Peers.address(process, protocol);
        return Integer.parseInt(address.substring(address.indexOf(':') + 1));
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public int httpPort() {
        return httpPort;
    }

    String output() throws IOException {
        return process.output();
    }

    @Override
    public void close() {
        process.close();
    }
}
