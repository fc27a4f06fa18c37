package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
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
    private static final long MOST_TAKEN_BYTES = 32 * 1024 * 1024;
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

    @Test
    void garbageOnBothPortsIsClosedAndHurtsNobody() throws IOException, UsageException {
        long seed = Long.getLong("peers.seed", 1);
        var random = new SplittableRandom(seed);
        try (var broker = new TestBroker(data)) {
            for (int i = 0; i < PEERS; i++) {
                boolean http = random.nextBoolean();
                try (var peer = connect(http ? broker.httpPort() : broker.port())) {
                    send(peer, garbage(random));
                    broker.exchange(1);

                    assertThat(isClosedByTheBroker(peer))
                            .as("peer %d of -Dpeers.seed=%d", i, seed)
                            .isTrue();
                }
            }
            broker.exchange(10);
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

            broker.exchange(50);

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

            broker.exchange(50);

            assertThat(broker.get("/stats?format=json&topic=big").body()).contains("\"message_count\":200");
        }
    }

    /// Each IDENTIFY is answered with some 300 bytes. What a connection may take without its answers being read is
    /// what the two systems' socket buffers hold and a few megabytes of the broker's.
    @Test
    void a_client_that_takes_no_answers_is_read_no_further_and_gets_them_all_in_the_end()
            throws IOException, UsageException {
        var identify = ("IDENTIFY\n" + TestClient.sized("{\"feature_negotiation\":true,\"heartbeat_interval\":-1}"))
                .getBytes(StandardCharsets.ISO_8859_1);
        try (var broker = new TestBroker(data);
                var peer = SocketChannel.open()) {
            peer.setOption(StandardSocketOptions.SO_RCVBUF, 64 * 1024);
            peer.setOption(StandardSocketOptions.SO_SNDBUF, 64 * 1024);
            peer.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), broker.port()));
            peer.write(ByteBuffer.wrap("  V2".getBytes(StandardCharsets.ISO_8859_1)));

            long sent = sendUntilStuck(peer, identify);

            assertThat(sent).isLessThan(MOST_TAKEN_BYTES);
            broker.exchange(10);
            assertThat(answersTo(peer, sent / identify.length)).isEqualTo(sent / identify.length);
        }
    }

    /// Sends the same again and again until nothing is taken for a second; how many bytes were.
    private static long sendUntilStuck(SocketChannel peer, byte[] command) throws IOException {
        var many = ByteBuffer.allocate(command.length * 1000);
        while (many.hasRemaining()) {
            many.put(command);
        }
        many.flip();
        peer.configureBlocking(false);
        long sent = 0;
        try (var selector = Selector.open()) {
            peer.register(selector, SelectionKey.OP_WRITE);
            while (sent < MOST_TAKEN_BYTES && selector.select(1000) > 0) {
                selector.selectedKeys().clear();
                sent += peer.write(many);
                if (!many.hasRemaining()) {
                    many.rewind();
                }
            }
        }
        peer.configureBlocking(true);
        return sent;
    }

    private static long answersTo(SocketChannel peer, long commands) throws IOException {
        var input = new DataInputStream(new BufferedInputStream(Channels.newInputStream(peer)));
        long answers = 0;
        while (answers < commands) {
            input.skipNBytes(input.readInt());
            answers++;
        }
        return answers;
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
