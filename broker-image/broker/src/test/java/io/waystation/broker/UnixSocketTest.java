package io.waystation.broker;

import static io.waystation.broker.TestClient.pub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    @TempDir
    Path data;

    @TempDir
    Path files;

    private static String exchange(Path socket, String request, int answerBytes) throws IOException {
        try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
            return new String(Channels.newInputStream(channel).readNBytes(answerBytes), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void clientsAndHttpMayComeOverPaths() throws Exception {
        var tcp = files.resolve("nsqd.sock");
        var http = files.resolve("http.sock");
        try (var broker = new TestBroker(data, "--tcp-address=" + tcp, "--http-address=" + http)) {
            try (var client = SocketChannel.open(UnixDomainSocketAddress.of(tcp))) {
                client.write(ByteBuffer.wrap(
                        ("  V2" + pub("t", "x") + "SUB t c\nRDY 1\n").getBytes(StandardCharsets.ISO_8859_1)));
                var frames = Channels.newInputStream(client).readNBytes(10 + 10 + 35);
                var stats = exchange(http, get("/stats?format=json&include_mem=false"), Integer.MAX_VALUE);
                var info = exchange(http, get("/info"), Integer.MAX_VALUE);
                var text = exchange(http, get("/stats"), Integer.MAX_VALUE);

                assertThat(new String(frames, StandardCharsets.ISO_8859_1)).endsWith("x");
                assertThat(stats).contains("\"client_id\":\"\"", "\"remote_address\":\"@\"");
                assertThat(info).contains("\"http_port\":-1,\"tcp_port\":-1");
                assertThat(text).contains("[V2 : ");
            }
            assertThat(broker.port()).isEqualTo(-1);
        }
        assertThat(tcp).doesNotExist();
        assertThat(http).doesNotExist();
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    }

    @Test
    void anErrorOverAPathIsReadToItsEnd() throws Exception {
        var tcp = files.resolve("nsqd.sock");
        try (var _ = new TestBroker(data, "--tcp-address=" + tcp)) {
            assertThat(exchange(tcp, "  V2CLS\n", Integer.MAX_VALUE)).endsWith("E_INVALID cannot CLS in current state");
        }
    }

    @Test
    void anAbandonedSocketIsReplacedAndOneInUseIsNot() throws Exception {
        var abandoned = files.resolve("abandoned.sock");
        var used = files.resolve("used.sock");
        var occupied = Files.writeString(files.resolve("file"), "mine");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(abandoned))
                .close();
        try (var owner = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            owner.bind(UnixDomainSocketAddress.of(used));

            assertThatThrownBy(() -> new TestBroker(data, "--tcp-address=" + used))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen on " + used);
            assertThatThrownBy(() -> new TestBroker(data, "--tcp-address=" + occupied))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cannot listen on " + occupied);
            try (var _ = new TestBroker(data, "--tcp-address=" + abandoned)) {
                assertThat(exchange(abandoned, "  V2IDENTIFY\n" + sized("{}"), 10))
                        .endsWith("OK");
            }
        }
        assertThat(used).exists();
        assertThat(occupied).hasContent("mine");
    }
}
