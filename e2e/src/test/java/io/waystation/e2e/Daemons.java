package io.waystation.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/// A lookup and a broker as processes of the built directory, on free ports.
final class Daemons implements AutoCloseable {
    static final Path BIN = Command.ROOT.resolve("broker-image/image/target/waystation/bin");
    private static final Duration START_LIMIT = Duration.ofSeconds(20);

    private final Path data;
    private final List<String> brokerFlags;
    private final Command lookup;
    private final int lookupTcpPort;
    private final int lookupHttpPort;
    private Command broker;
    private int brokerTcpPort;
    private int brokerHttpPort;

    Daemons(Path data, String... brokerFlags) throws IOException {
        this.data = data;
        this.brokerFlags = List.of(brokerFlags);
        lookup = Command.start(
                data,
                BIN.resolve("nsqlookupd").toString(),
                "--tcp-address=127.0.0.1:0",
                "--http-address=127.0.0.1:0",
                "--broadcast-address=127.0.0.1");
        lookupTcpPort = port(lookup, "tcpPort");
        lookupHttpPort = port(lookup, "httpPort");
        broker = broker(0, 0);
        brokerTcpPort = port(broker, "tcpPort");
        brokerHttpPort = port(broker, "httpPort");
    }

    private Command broker(int tcpPort, int httpPort) throws IOException {
        var words = new ArrayList<>(List.of(
                BIN.resolve("nsqd").toString(),
                "--tcp-address=127.0.0.1:" + tcpPort,
                "--http-address=127.0.0.1:" + httpPort,
                "--broadcast-address=127.0.0.1",
                "--lookupd-tcp-address=127.0.0.1:" + lookupTcpPort,
                "--data-path=" + data));
        words.addAll(brokerFlags);
        return Command.start(data, words.toArray(String[]::new));
    }

    /// The port that a daemon's line «ready» names.
    private static int port(Command daemon, String key) throws IOException {
        var pattern = Pattern.compile(" ready .*\\b" + key + "=(\\d+)");
        Awaitility.await(daemon + " ready")
                .atMost(START_LIMIT)
                .until(() -> pattern.matcher(daemon.output()).find() || !daemon.isRunning());
        var matcher = pattern.matcher(daemon.output());
        if (!matcher.find()) {
            throw new IOException(daemon + " did not start:\n" + daemon.output());
        }
        return Integer.parseInt(matcher.group(1));
    }

    /// Its output is the broker's log.
    Command brokerProcess() {
        return broker;
    }

    String broker() {
        return "127.0.0.1:" + brokerTcpPort;
    }

    String brokerHttp() {
        return "127.0.0.1:" + brokerHttpPort;
    }

    String lookup() {
        return "127.0.0.1:" + lookupHttpPort;
    }

    String lookupTcp() {
        return "127.0.0.1:" + lookupTcpPort;
    }

    /// SIGKILL of the broker, and a new one on the same data and ports.
    void killBroker() throws IOException {
        broker.kill();
        broker = broker(brokerTcpPort, brokerHttpPort);
        port(broker, "tcpPort");
    }

    /// SIGTERM of the broker; its exit code.
    int stopBroker() throws IOException {
        broker.terminate();
        return broker.exitCode();
    }

    @Override
    public void close() {
        broker.close();
        lookup.close();
    }
}
