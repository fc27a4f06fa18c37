package io.waystation.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.waystation.daemon.UsageException;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole lookup over sockets.
class LookupTest {
    private static final int READ_TIMEOUT_MS = 20_000;
    private static final String DESCRIPTION =
            "{\"broadcast_address\":\"one\",\"tcp_port\":4150,\"http_port\":4151,\"version\":\"1.3.0\"}";

    private final HttpClient http = HttpClient.newHttpClient();
    private Lookup lookup;

    @BeforeEach
    void start() throws IOException, UsageException {
        lookup = start("--tcp-address=127.0.0.1:0", "--http-address=127.0.0.1:0");
    }

    private static Lookup start(String... flags) throws IOException, UsageException {
        return Lookup.start(LookupOptions.table().parse(flags));
    }

    @AfterEach
    void close() {
        lookup.close();
        http.close();
    }

    private Socket connect(String text) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), lookup.tcpPort());
        socket.setSoTimeout(READ_TIMEOUT_MS);
        send(socket, text);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String answer(Socket socket) throws IOException {
        var input = new DataInputStream(socket.getInputStream());
        return new String(input.readNBytes(input.readInt()), StandardCharsets.ISO_8859_1);
    }

    private String get(String path) throws IOException, InterruptedException {
        return ask(path).body();
    }

    private HttpResponse<String> ask(String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + lookup.httpPort() + path));
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void metricsTellWhatIsRegistered() throws IOException, InterruptedException {
        try (var broker = connect("  V1IDENTIFY\n" + TestBroker.sized(DESCRIPTION) + "REGISTER orders billing\n")) {
            answer(broker);
            answer(broker);

            assertThat(get("/metrics"))
                    .contains("\nwaystation_lookup_producers 1\n", "\nwaystation_lookup_active_producers 1\n")
                    .contains("\nwaystation_lookup_topics 1\n", "\nwaystation_lookup_channels 1\n")
                    .contains("\nwaystation_lookup_registrations 2\n", "\nwaystation_lookup_tombstones 0\n")
                    .contains("# TYPE process_cpu_seconds_total counter\n");
        }
    }

    @Test
    void aBrokerRegistersAndIsFound() throws IOException, InterruptedException {
        try (var broker = connect("  V1IDENTIFY\n" + TestBroker.sized(DESCRIPTION) + "REGISTER orders billing\n")) {
            assertThat(answer(broker))
                    .contains("\"http_port\":" + lookup.httpPort() + ",\"tcp_port\":" + lookup.tcpPort());
            assertThat(answer(broker)).isEqualTo("OK");

            assertThat(get("/lookup?topic=orders"))
                    .isEqualTo("{\"channels\":[\"billing\"],\"producers\":[{\"remote_address\":\"127.0.0.1:"
                            + broker.getLocalPort()
                            + "\",\"hostname\":\"\",\"broadcast_address\":\"one\",\"tcp_port\":4150,"
                            + "\"http_port\":4151,\"version\":\"1.3.0\",\"topology_zone\":\"\","
                            + "\"topology_region\":\"\"}]}");
        }
        await().untilAsserted(() ->
                assertThat(get("/lookup?topic=orders")).isEqualTo("{\"channels\":[\"billing\"],\"producers\":[]}"));
    }

    @Test
    void anErrorArrivesBeforeTheConnectionCloses() throws IOException {
        try (var broker = connect("  V1REGISTER orders\n")) {
            assertThat(answer(broker)).isEqualTo("E_INVALID client must IDENTIFY");
            assertThat(broker.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void anErrorArrivesThoughTheClientGoesOnSending() throws IOException {
        try (var broker = connect("  V1UNKNOWN\n" + "PING\n".repeat(50_000))) {
            assertThat(answer(broker)).isEqualTo("E_INVALID invalid command UNKNOWN");
            assertThat(broker.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aClientThatStopsSendingGetsItsAnswersAndTheEnd() throws IOException {
        try (var broker = connect("  V1PING\nPING\n")) {
            broker.shutdownOutput();

            assertThat(answer(broker)).isEqualTo("OK");
            assertThat(answer(broker)).isEqualTo("OK");
            assertThat(broker.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aClientThatNeverReadsCostsNobodyElseAnything() throws IOException, InterruptedException {
        var deaf = connect("  V1");
        var writer = Thread.ofVirtual().unstarted(() -> writeForever(deaf));
        try (var other = connect("  V1PING\n")) {
            assertThat(answer(other)).isEqualTo("OK");
            writer.start();
            // Its writes wait once nobody takes them: the lookup has stopped reading.
            await().atMost(Duration.ofSeconds(20)).until(() -> writer.getState() == Thread.State.WAITING);

            send(other, "PING\n");

            assertThat(answer(other)).isEqualTo("OK");
        } finally {
            deaf.close();
            writer.join();
        }
    }

    private static void writeForever(Socket socket) {
        try {
            while (true) {
                send(socket, "PING\n".repeat(10_000));
            }
        } catch (IOException closed) {
            assertThat(socket.isClosed()).isTrue();
        }
    }

    @Test
    void halfOpenConnectionsCostNobodyElseAnything() throws IOException {
        var open = new ArrayList<Socket>();
        for (int i = 0; i < 200; i++) {
            open.add(connect(i % 2 == 0 ? "" : "  V1IDENTIFY\n\0\0"));
        }

        try (var broker = connect("  V1PING\n")) {
            assertThat(answer(broker)).isEqualTo("OK");
        }
        for (var socket : open) {
            socket.close();
        }
    }

    @Test
    void closingClosesConnectionsAndPorts() throws IOException {
        try (var broker = connect("  V1PING\n")) {
            assertThat(answer(broker)).isEqualTo("OK");
            int port = lookup.tcpPort();

            lookup.close();

            assertThat(isEnded(broker)).isTrue();
            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port))
                    .isInstanceOf(IOException.class);
        }
    }

    private static boolean isEnded(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void aTakenPortIsSaidSoAndNothingStaysOpen() throws IOException, UsageException {
        var taken = "127.0.0.1:" + lookup.tcpPort();

        assertThatThrownBy(() -> start("--tcp-address=" + taken, "--http-address=127.0.0.1:0"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("tcp-address: cannot listen on ")
                .hasMessageContaining(Integer.toString(lookup.tcpPort()));
        assertThatThrownBy(() -> start("--tcp-address=127.0.0.1:0", "--http-address=" + taken))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("http-address: cannot listen on ");
    }

    @Test
    void flagsReachTheLookup() throws IOException, UsageException, InterruptedException {
        lookup.close();
        lookup = start(
                "--tcp-address=127.0.0.1:0",
                "--http-address=127.0.0.1:0",
                "--broadcast-address=lookup.example",
                "--inactive-producer-timeout=0");
        try (var broker = connect("  V1IDENTIFY\n" + TestBroker.sized(DESCRIPTION) + "REGISTER orders\n")) {
            assertThat(answer(broker)).startsWith("{\"broadcast_address\":\"lookup.example\",");
            assertThat(answer(broker)).isEqualTo("OK");

            assertThat(get("/lookup?topic=orders")).isEqualTo("{\"channels\":[],\"producers\":[]}");
        }
    }

    @Test
    void aTombstoneLivesAsLongAsItsFlagSays() throws IOException, UsageException, InterruptedException {
        lookup.close();
        lookup = start("--tcp-address=127.0.0.1:0", "--http-address=127.0.0.1:0", "--tombstone-lifetime=0");
        try (var broker = connect("  V1IDENTIFY\n" + TestBroker.sized(DESCRIPTION) + "REGISTER orders\n")) {
            answer(broker);
            answer(broker);

            var uri = "http://127.0.0.1:" + lookup.httpPort() + "/topic/tombstone?topic=orders&node=one:4151";
            http.send(
                    HttpRequest.newBuilder(URI.create(uri))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.discarding());

            assertThat(get("/lookup?topic=orders")).contains("\"broadcast_address\":\"one\"");
        }
    }

    @Test
    void nsqsExampleConfigurationLoads(@TempDir Path folder) throws IOException, UsageException {
        var file = Files.writeString(folder.resolve("nsqlookupd.cfg"), """
            ## log verbosity level: debug, info, warn, error, or fatal
            log_level = "info"

            ## <addr>:<port> to listen on for TCP clients
            tcp_address = "0.0.0.0:4160"

            ## <addr>:<port> to listen on for HTTP clients
            http_address = "0.0.0.0:4161"

            ## address that will be registered with lookupd (defaults to the OS hostname)
            # broadcast_address = ""


            ## duration of time a producer will remain in the active list since its last ping
            inactive_producer_timeout = "300s"

            ## duration of time a producer will remain tombstoned if registration remains
            tombstone_lifetime = "45s"
            """);

        var settings = LookupOptions.table().parse("--config=" + file);

        assertThat(settings.get(LookupOptions.INACTIVE_PRODUCER_TIMEOUT)).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.origin(LookupOptions.TOMBSTONE_LIFETIME)).isEqualTo("file");
    }

    @Test
    void longAnswersAreWrittenWhileTheyAreSent() throws Exception {
        int topics = 10_000;
        var commands = new StringBuilder("  V1IDENTIFY\n\0\0\0" + (char) DESCRIPTION.length() + DESCRIPTION);
        for (int i = 0; i < topics; i++) {
            commands.append("REGISTER topic-").append(i).append(" channel\n");
        }
        try (var broker = connect(commands.toString())) {
            await().until(() -> get("/topics").contains("topic-9999\""));
            for (var path : List.of("/topics", "/nodes", "/debug")) {
                var answer = ask(path);

                assertThat(answer.headers().firstValue("content-length"))
                        .as(path)
                        .isEmpty();
                assertThat(answer.body()).startsWith("{").endsWith("}");
                assertThat(answer.body().split("topic-", -1)).hasSizeGreaterThan(topics);
            }
            assertThat(broker.isConnected()).isTrue();
        }
    }
}
