package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a receiver gets by UDP. A wait that takes longer than 10 s fails the test.
class StatsdTest {
    private static final int TIMEOUT_MS = 10_000;

    @TempDir
    Path data;

    private DatagramSocket receiver;
    private int port;

    @BeforeEach
    void open() throws SocketException {
        receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        receiver.setSoTimeout(TIMEOUT_MS);
        port = receiver.getLocalPort();
    }

    @AfterEach
    void close() {
        receiver.close();
    }

    private String packet() throws IOException {
        var packet = new DatagramPacket(new byte[65536], 65536);
        receiver.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }

    private List<String> linesUntil(String prefix) throws IOException {
        var lines = new ArrayList<String>();
        while (lines.stream().noneMatch(line -> line.startsWith(prefix))) {
            var packet = packet();
            assertThat(packet).endsWith("\n");
            lines.addAll(packet.lines().toList());
        }
        return lines;
    }

    private TestBroker broker(String... flags) throws IOException, UsageException {
        var all = new ArrayList<>(List.of("--statsd-address=127.0.0.1:" + port, "--statsd-interval=50ms"));
        all.addAll(List.of(flags));
        return new TestBroker(data, all.toArray(String[]::new));
    }

    @Test
    void figuresArriveUnderNsqdsNames() throws IOException, UsageException {
        try (var broker = broker()) {
            broker.post("/pub?topic=t", "four");
            broker.post("/channel/create?topic=t&channel=c", "");
            var prefix = "nsq.127_0_0_1_" + broker.httpPort() + ".";

            assertThat(linesUntil(prefix + "topic.t.message_bytes:4|c")).isNotEmpty();
            assertThat(linesUntil(prefix + "topic.t.channel.c.depth:1|g")).isNotEmpty();
            assertThat(linesUntil(prefix + "mem.gc_runs:")).isNotEmpty();
        }
    }

    @Test
    void packetsAreNoLargerThanAsked() throws IOException, UsageException {
        try (var broker = broker("--statsd-udp-packet-size=100", "--statsd-prefix=p")) {
            broker.post("/topic/create?topic=t", "");
            for (int i = 0; i < 20; i++) {
                assertThat(packet().getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(100);
            }
        }
    }

    @Test
    void withoutMemoryAndEphemeralOnesOnlyTheRestIsSent() throws IOException, UsageException {
        try (var broker = broker("--statsd-mem-stats=false", "--statsd-exclude-ephemeral", "--statsd-prefix=p")) {
            broker.post("/topic/create?topic=t", "");
            broker.post("/topic/create?topic=e%23ephemeral", "");

            assertThat(linesUntil("p.topic.t.depth")).allMatch(line -> line.startsWith("p.topic.t."));
            assertThat(packet().lines()).allMatch(line -> line.startsWith("p.topic.t."));
        }
    }

    @Test
    void whatCannotBeReachedIsTriedAgain() throws IOException, UsageException {
        receiver.close();
        try (var broker = broker("--statsd-prefix=p")) {
            broker.post("/pub?topic=t", "x");
            receiver = new DatagramSocket(port, InetAddress.getLoopbackAddress());
            receiver.setSoTimeout(TIMEOUT_MS);

            assertThat(linesUntil("p.topic.t.depth:1|g")).isNotEmpty();
        }
    }
}
