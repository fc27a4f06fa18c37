package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static io.waystation.broker.TestClient.pub;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Peers that send garbage, or a part of something and then nothing, cost the others nothing.
///
/// `-Dtest.jvm=-Dpeers.seed=N` repeats a seed.
class BadPeersTest {
    private static final int PEERS = 150;
    private static final int TIMEOUT_MS = 10_000;
    private static final String[] PARTS = {
        "",
        " ",
        "  V",
        "  V2",
        "  V2PUB t",
        "  V2PUB t\n\0\0\0\5hel",
        "  V2MPUB t\n\0\0\0\12\0\0\0\2\0\0\0\1a\0",
        "  V2IDENTIFY\n\0\0\0\2{",
        "  V2SUB t silent\nRDY",
        "GET /stats HT",
        "POST /pub?topic=t HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel"
    };

    @TempDir
    Path data;

    private static Socket connect(int port) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MS);
        return socket;
    }

    /// Publishes and consumes on two connections, everything answered and delivered.
    private static void exchange(TestBroker broker, int messages) throws IOException {
        try (var producer = TestClient.open(broker.port());
                var consumer = TestClient.consumer(broker.port(), "healthy", "c", 1)) {
            for (int i = 0; i < messages; i++) {
                producer.send(pub("healthy", "message " + i));
                producer.expect("OK");
                var message = consumer.message();
                assertThat(message.body()).isEqualTo("message " + i);
                consumer.finish(message);
            }
        }
    }

    @Test
    void garbageOnBothPortsIsClosedAndHurtsNobody() throws IOException, UsageException {
        long seed = Long.getLong("peers.seed", 1);
        var random = new SplittableRandom(seed);
        try (var broker = new TestBroker(data)) {
            for (int i = 0; i < PEERS; i++) {
                boolean http = random.nextBoolean();
                try (var peer = connect(http ? broker.httpPort() : broker.port())) {
                    send(peer, garbage(random));
                    exchange(broker, 1);

                    assertThat(isClosedByTheBroker(peer))
                            .as("peer %d of -Dpeers.seed=%d", i, seed)
                            .isTrue();
                }
            }
            exchange(broker, 10);
        }
    }

    private static byte[] garbage(SplittableRandom random) {
        var noise = new byte[1 + random.nextInt(5_000)];
        random.nextBytes(noise);
        var head = PARTS[random.nextInt(PARTS.length)].getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(head, 0, noise, 0, Math.min(head.length, noise.length));
        return noise;
    }

    private static void send(Socket peer, byte[] bytes) throws IOException {
        try {
            peer.getOutputStream().write(bytes);
            peer.shutdownOutput();
        } catch (SocketException closedAlready) {
            // Which is what the caller looks for.
        }
    }

    private static boolean isClosedByTheBroker(Socket peer) throws IOException {
        try {
            peer.getInputStream().readAllBytes();
            return true;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void halfOpenPeersOnBothPortsHurtNobody() throws IOException, UsageException {
        List<Socket> peers = new ArrayList<>();
        try (var broker = new TestBroker(data)) {
            for (int i = 0; i < PEERS; i++) {
                for (int port : new int[] {broker.port(), broker.httpPort()}) {
                    var peer = connect(port);
                    peer.getOutputStream().write(PARTS[i % PARTS.length].getBytes(StandardCharsets.ISO_8859_1));
                    peers.add(peer);
                }
            }

            exchange(broker, 50);

            assertThat(broker.get("/ping").body()).isEqualTo("OK");
            assertThat(broker.post("/pub?topic=healthy", "x").status()).isEqualTo(200);
        } finally {
            for (var peer : peers) {
                peer.close();
            }
        }
    }

    @Test
    void aConsumerThatNeverReadsHoldsUpNobody() throws IOException, UsageException {
        var body = "x".repeat(100_000);
        try (var broker = new TestBroker(data);
                var deaf = TestClient.open(broker.port());
                var producer = TestClient.open(broker.port())) {
            deaf.send("SUB big deaf\nRDY 2500\n");
            deaf.expect("OK");
            for (int i = 0; i < 100; i++) {
                producer.send(mpub("big", body, body));
                producer.expect("OK");
            }

            exchange(broker, 50);

            assertThat(broker.get("/stats?format=json&topic=big").body()).contains("\"message_count\":200");
        }
    }

    @Test
    void peersThatEndLeaveNoConnection() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            for (var part : PARTS) {
                try (var peer = connect(broker.port())) {
                    send(peer, part.getBytes(StandardCharsets.ISO_8859_1));

                    assertThat(isClosedByTheBroker(peer)).as("after '%s'", part).isTrue();
                }
            }
            assertThat(broker.get("/stats?format=json").body()).contains("\"producers\":null");
        }
    }
}
