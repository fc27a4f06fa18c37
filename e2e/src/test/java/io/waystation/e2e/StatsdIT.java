package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The lines that a real nsqd and our broker send to a statsd, name by name and type by type.
class StatsdIT {
    private static final int TIMEOUT_MS = 30_000;

    @TempDir
    Path data;

    @TempDir
    Path theirs;

    private static String[] flags(DatagramSocket receiver) {
        return new String[] {
            "--statsd-address=127.0.0.1:" + receiver.getLocalPort(),
            "--statsd-interval=2s",
            "--e2e-processing-latency-percentile=0.999,0.95"
        };
    }

    /// Names and types of one whole push, the broker's address left out.
    private static Set<String> push(DatagramSocket receiver, String http) throws IOException {
        Http.post(http, "/topic/create?topic=e%23ephemeral", "");
        Http.post(http, "/pub?topic=t", "x");
        Http.post(http, "/channel/create?topic=t&channel=c", "");
        var lines = new TreeSet<String>();
        var packet = new DatagramPacket(new byte[2048], 2048);
        boolean whole = false;
        while (!whole) {
            receiver.receive(packet);
            var text = new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
            assertThat(packet.getLength()).isLessThanOrEqualTo(508);
            // The last line of a push; those before the topic was made are incomplete.
            whole = text.contains("mem.gc_runs") && lines.stream().anyMatch(line -> line.contains(".channel.c."));
            text.lines().forEach(line -> lines.add(line.replaceAll(":[0-9-]+\\|", "|")));
        }
        var key = "nsq." + http.replace('.', '_').replace(':', '_') + ".";
        assertThat(lines).allMatch(line -> line.startsWith(key));
        var names = new TreeSet<String>();
        lines.forEach(line -> names.add(line.substring(key.length())));
        return names;
    }

    @Test
    void bothSendTheSameNames() throws IOException {
        Set<String> expected;
        try (var receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            receiver.setSoTimeout(TIMEOUT_MS);
            try (var nsqd = Peers.nsqd(theirs, flags(receiver))) {
                expected = push(receiver, Peers.address(nsqd, "HTTP"));
            }
        }
        try (var receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            receiver.setSoTimeout(TIMEOUT_MS);
            try (var daemons = new Daemons(data, flags(receiver))) {
                assertThat(push(receiver, daemons.brokerHttp())).isEqualTo(expected);
            }
        }
    }
}
