package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static io.waystation.broker.TestClient.pub;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What many clients together make the broker hold in memory.
class MemoryBoundsTest {
    private static final int MIB = 1024 * 1024;
    private static final String ONE_MIB = "--max-connection-memory=" + MIB;
    private static final int PEERS = 200;
    private static final int PART_BYTES = 50_000;

    @TempDir
    Path data;

    private static double metric(TestBroker broker, String name) throws IOException {
        for (var line : broker.get("/metrics").body().split("\n", -1)) {
            if (line.startsWith(name + " ")) {
                return Double.parseDouble(line.substring(name.length() + 1));
            }
        }
        throw new AssertionError("no " + name);
    }

    private static String[] bodies(int count, int bytes) {
        return Collections.nCopies(count, "x".repeat(bytes)).toArray(String[]::new);
    }

    /// Clients that send a part of a large command and then nothing.
    private static List<TestClient> halves(TestBroker broker) throws IOException {
        var half = mpub("halves", bodies(1, 1_000_000)).substring(0, PART_BYTES);
        List<TestClient> peers = new ArrayList<>();
        for (int i = 0; i < PEERS; i++) {
            var peer = TestClient.open(broker.port());
            peers.add(peer);
            peer.send(half);
        }
        return peers;
    }

    private static void close(List<TestClient> peers) throws IOException {
        for (var peer : peers) {
            peer.close();
        }
    }

    @Test
    void unfinishedCommandsOfManyClientsStayWithinTheirBoundAndOthersAreServed() throws Exception {
        List<TestClient> peers = new ArrayList<>();
        try (var broker = new TestBroker(data, ONE_MIB);
                var large = TestClient.open(broker.port())) {
            broker.post("/topic/create?topic=halves", "");
            peers.addAll(halves(broker));
            broker.exchange(20);

            large.send(mpub("large", bodies(10, 50_000)));
            large.expect("OK");

            assertThat(metric(broker, "waystation_input_held_bytes")).isLessThan(2 * MIB);
            assertThat(metric(broker, "waystation_input_stalls_total")).isPositive();
            Await.contains(() -> "closed " + (metric(broker, "waystation_input_closed_total") >= 2), "closed true");
            broker.exchange(20);
        } finally {
            close(peers);
        }
    }

    @Test
    void manyLargeCommandsAtOnceAreAllAnswered() throws Exception {
        var command = mpub("t", bodies(40, 10_000));
        try (var broker = new TestBroker(data, ONE_MIB);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            broker.post("/topic/create?topic=t", "");
            List<Callable<String>> clients = Collections.nCopies(30, () -> {
                try (var client = TestClient.open(broker.port())) {
                    for (int i = 0; i < 3; i++) {
                        client.send(command);
                        client.expect("OK");
                    }
                    return "answered";
                }
            });

            for (var answered : threads.invokeAll(clients)) {
                assertThat(answered.get()).isEqualTo("answered");
            }

            assertThat(broker.get("/stats?format=json&topic=t").body()).contains("\"message_count\":3600");
            Await.contains(() -> "held " + metric(broker, "waystation_input_held_bytes"), "held 0.0");
        }
    }

    /// One whose system takes little before it reads.
    private static TestClient deaf(TestBroker broker, String topic, String channel) throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(16 * 1024);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), broker.port()));
        var client = new TestClient(socket);
        client.send("  V2SUB " + topic + " " + channel + "\nRDY 2500\n");
        client.expect("OK");
        return client;
    }

    @Test
    void whatClientsDoNotTakeStaysWithinItsBoundAndIsDeliveredWhenTheyDo() throws Exception {
        List<TestClient> deaf = new ArrayList<>();
        try (var broker = new TestBroker(data, ONE_MIB);
                var producer = TestClient.open(broker.port())) {
            for (int i = 0; i < 10; i++) {
                deaf.add(deaf(broker, "t", "c" + i));
            }
            for (int i = 0; i < 50; i++) {
                producer.send(mpub("t", bodies(20, 10_000)));
                producer.expect("OK");
            }

            broker.exchange(20);

            assertThat(metric(broker, "waystation_output_held_bytes")).isBetween(1.0, 3.0 * MIB);
            for (int i = 0; i < 1_000; i++) {
                assertThat(deaf.get(3).message().body()).hasSize(10_000);
            }
        } finally {
            close(deaf);
        }
    }

    private static long directMemory() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }

    @Test
    void messagesThatASlowClientGetsOneByOneTakeNoMoreThanTheirBytes() throws Exception {
        try (var broker = new TestBroker(data);
                var producer = TestClient.open(broker.port());
                var _ = deaf(broker, "t", "c")) {
            do {
                producer.send(mpub("t", bodies(5, 10_000)));
                producer.expect("OK");
            } while (metric(broker, "waystation_output_held_bytes") == 0);
            long before = directMemory();

            for (int i = 0; i < 1_000; i++) {
                producer.send(pub("t", "small"));
                producer.expect("OK");
            }

            assertThat(directMemory() - before).isLessThan(8 * MIB);
        }
    }

    @Test
    void theBeginningOfACommandKeepsASmallBuffer() throws Exception {
        List<TestClient> peers = new ArrayList<>();
        try (var broker = new TestBroker(data)) {
            broker.exchange(1);
            long before = directMemory();

            for (int i = 0; i < 500; i++) {
                var peer = TestClient.open(broker.port());
                peers.add(peer);
                peer.send("PUB t\n\0\0\1\0begun");
            }
            Await.contains(
                    () -> "all: " + (metric(broker, "waystation_received_bytes_total") >= 500 * 19), "all: true");

            assertThat(metric(broker, "waystation_input_held_bytes")).isPositive();
            assertThat(directMemory() - before).isLessThan(16 * MIB);
        } finally {
            close(peers);
        }
    }

    @Test
    void aCompressedPieceThatIsNotWholeCountsLikewise() throws Exception {
        var identify = "IDENTIFY\n" + TestClient.sized("{\"feature_negotiation\":true,\"snappy\":true}");
        var streamAndHeader = "\u00ff\6\0\0sNaPpY" + "\1\4\0\1";
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port())) {
            client.send(identify);
            assertThat(client.response()).contains("\"snappy\":true");

            client.send(streamAndHeader + "x".repeat(60_000));

            Await.contains(() -> "held: " + (metric(broker, "waystation_input_held_bytes") >= 60_000), "held: true");
        }
    }

    @Test
    void namesThatAClientGivesItselfAreCutToABound() throws Exception {
        var name = "n".repeat(300);
        var json = "{\"client_id\":\"" + name + "\",\"hostname\":\"" + name + "\",\"user_agent\":\"" + name
                + "\",\"other\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}";
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n" + TestClient.sized(json) + pub("t", "x"));
            client.expect("OK");
            client.expect("OK");

            var kept = "\"" + "n".repeat(256) + "\"";
            assertThat(broker.get("/stats?format=json").body())
                    .contains("\"client_id\":" + kept, "\"hostname\":" + kept, "\"user_agent\":" + kept);
        }
    }

    @Test
    void oneConnectionTooManyIsClosedAndOneThatGoesMakesRoom() throws Exception {
        try (var broker = new TestBroker(data, "--max-connections=2");
                var second = TestClient.open(broker.port())) {
            var first = TestClient.open(broker.port());
            for (var client : List.of(first, second)) {
                client.send(pub("t", "x"));
                client.expect("OK");
            }
            try (var third = new TestClient(broker.port())) {
                assertThat(third.lastResponseBeforeClose()).isNull();
            }
            assertThat(metric(broker, "waystation_connections_refused_total")).isEqualTo(1);

            first.close();

            Await.contains(() -> "connections " + metric(broker, "waystation_connections"), "connections 1.0");
            try (var next = TestClient.open(broker.port())) {
                next.send(pub("t", "x"));
                next.expect("OK");
            }
        }
    }

    @Test
    void moreLookupsThanTheBoundAreRefused() throws Exception {
        var addresses = new ArrayList<String>();
        for (int i = 0; i < 101; i++) {
            addresses.add("127.0.0.1:" + (1 + i));
        }
        var flags = addresses.stream()
                .map(address -> "--lookupd-tcp-address=" + address)
                .toArray(String[]::new);
        var json = "[\"" + String.join("\",\"", addresses) + "\"]";
        try (var broker = new TestBroker(data)) {
            assertThat(broker.send("PUT", "/config/nsqlookupd_tcp_addresses", json))
                    .isEqualTo(new TestBroker.Answer(400, "{\"message\":\"INVALID_VALUE\"}"));
            assertThat(broker.get("/config/nsqlookupd_tcp_addresses").body()).isEqualTo("[]");
        }
        assertThatThrownBy(() -> new TestBroker(data, flags).close())
                .hasMessage("lookupd-tcp-address: 101 addresses (expected: at most 100)");
    }

    @Test
    void soManyConnectionsUseDeflateAndTheOthersGoWithout() throws Exception {
        var identify = "IDENTIFY\n" + TestClient.sized("{\"feature_negotiation\":true,\"deflate\":true}");
        try (var broker = new TestBroker(data, ONE_MIB);
                var second = TestClient.open(broker.port());
                var third = TestClient.open(broker.port());
                var fourth = TestClient.open(broker.port())) {
            var first = TestClient.open(broker.port());
            for (var client : List.of(first, second, third)) {
                client.send(identify);
                assertThat(client.response()).contains("\"deflate\":true");
            }

            fourth.send(identify);
            assertThat(fourth.response()).contains("\"deflate\":false");
            fourth.send(pub("t", "x"));
            fourth.expect("OK");

            first.close();
            Await.contains(
                    () -> {
                        try (var next = TestClient.open(broker.port())) {
                            next.send(identify);
                            return next.response();
                        }
                    },
                    "\"deflate\":true");
        }
    }
}
