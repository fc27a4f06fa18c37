package io.waystation.broker;

import static io.waystation.broker.TestClient.pub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
    @TempDir
    Path data;

    @TempDir
    Path files;

    enum Kind {
        SNAPPY("\"snappy\":true"),
        SNAPPY_ANEW("\"snappy\":true"),
        DEFLATE("\"deflate\":true");

        private final String wish;

        Kind(String wish) {
            this.wish = wish;
        }

        String identify(boolean tls) {
            return "IDENTIFY\n" + sized("{\"feature_negotiation\":true," + wish + (tls ? ",\"tls_v1\":true}" : "}"));
        }

        /// Goes through IDENTIFY and its upgrades.
        TestClient upgrade(TestClient client, @Nullable SSLContext tls) throws IOException {
            client.send(identify(tls != null));
            assertThat(client.response()).contains(wish);
            if (tls != null) {
                client.startTls(tls);
                client.expect("OK");
            }
            start(client);
            client.expect("OK");
            return client;
        }

        void start(TestClient client) throws IOException {
            switch (this) {
                case SNAPPY -> client.startSnappy();
                case SNAPPY_ANEW -> client.startSnappyAnewEachTime();
                case DEFLATE -> client.startDeflate();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void compressedConsumersMoveBetweenLoopsAndGetEverything(Kind kind) throws Exception {
        try (var broker = new TestBroker(data, "--loops=3")) {
            everythingArrives(broker, kind, null);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void compressionStandsInsideTls(Kind kind) throws Exception {
        var authority = new TestCertificates("Authority");
        var server = authority.issue("broker", TestCertificates.ecKey());
        try (var broker = new TestBroker(data, TestCertificates.flags(files, server, "--loops=3"))) {
            everythingArrives(broker, kind, authority.clientContext(null));
        }
    }

    private static void everythingArrives(TestBroker broker, Kind kind, @Nullable SSLContext tls) throws IOException {
        int topics = 6;
        int messages = 100;
        var large = "0123456789abcdef".repeat(20_000);
        try (var producer = kind.upgrade(TestClient.open(broker.port()), tls)) {
            for (int topic = 0; topic < topics; topic++) {
                var commands = new StringBuilder();
                for (int i = 0; i < messages; i++) {
                    commands.append(pub("t" + topic, "m" + i));
                }
                producer.send(commands + pub("t" + topic, large));
            }
            for (int i = 0; i < topics * (messages + 1); i++) {
                producer.expect("OK");
            }
        }
        for (int topic = 0; topic < topics; topic++) {
            try (var consumer = kind.upgrade(TestClient.open(broker.port()), tls)) {
                consumer.send("SUB t" + topic + " c\nRDY 20\n");
                consumer.expect("OK");
                for (int i = 0; i < messages; i++) {
                    var message = consumer.message();
                    assertThat(message.body()).isEqualTo("m" + i);
                    consumer.finish(message);
                }
                assertThat(consumer.message().body()).isEqualTo(large);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void compressedBytesMayComeOneByOne(Kind kind) throws Exception {
        try (var broker = new TestBroker(data);
                var client = new TestClient(new DrippingSocket(broker.port()))) {
            client.send("  V2");
            kind.upgrade(client, null);

            client.send(pub("t", "x".repeat(2000)) + "SUB t c\nRDY 1\n");

            client.expect("OK");
            client.expect("OK");
            assertThat(client.message().body()).hasSize(2000);
        }
    }

    @Test
    void compressedBytesInOneSegmentWithIdentifyAreKept() throws Exception {
        var compressed = new ByteArrayOutputStream();
        var writer = new DeflaterOutputStream(compressed, new Deflater(1, true), true);
        writer.write(pub("t", "x").getBytes(StandardCharsets.ISO_8859_1));
        writer.flush();
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port())) {
            client.send(Kind.DEFLATE.identify(false) + compressed.toString(StandardCharsets.ISO_8859_1));
            client.response();
            client.startDeflate();
            client.expect("OK");

            client.expect("OK");
        }
    }

    @Test
    void bothTogetherAreRefused() throws Exception {
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n" + sized("{\"feature_negotiation\":true,\"snappy\":true,\"deflate\":true}"));

            assertThat(client.lastResponseBeforeClose())
                    .isEqualTo("E_IDENTIFY_FAILED cannot enable both deflate and snappy compression");
        }
    }

    @Test
    void whatIsSwitchedOffIsAnsweredFalse() throws Exception {
        try (var broker = new TestBroker(data, "--snappy=false", "--deflate=false");
                var client = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n" + sized("{\"feature_negotiation\":true,\"snappy\":true,\"deflate\":true}"));

            assertThat(client.response()).contains("\"deflate\":false,\"deflate_level\":6,", "\"snappy\":false");
            client.send(pub("t", "x"));
            client.expect("OK");
        }
    }

    @Test
    void withoutNegotiationNothingIsPutOnTop() throws Exception {
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n" + sized("{\"snappy\":true,\"deflate\":true,\"tls_v1\":true}"));

            client.expect("OK");
            client.send(pub("t", "x"));
            client.expect("OK");
        }
    }

    @ParameterizedTest
    @CsvSource({"8, 0, 6", "8, 8, 8", "8, 99, 8", "8, -4, 6", "3, 0, 3", "3, 1, 1", "3, 9, 3"})
    void theLevelIsTheWishUpToTheLimit(int limit, int wish, int answer) throws Exception {
        try (var broker = new TestBroker(data, "--max-deflate-level=" + limit);
                var client = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n"
                    + sized("{\"feature_negotiation\":true,\"deflate\":true,\"deflate_level\":" + wish + "}"));

            assertThat(client.response())
                    .contains("\"deflate\":true,\"deflate_level\":" + answer + ",\"max_deflate_level\":" + limit);
            client.startDeflate();
            client.expect("OK");
        }
    }

    @Test
    void compressionIsShownInStats() throws Exception {
        try (var broker = new TestBroker(data);
                var client = Kind.SNAPPY.upgrade(TestClient.open(broker.port()), null)) {
            client.send("SUB t c\n");
            client.expect("OK");

            assertThat(broker.get("/stats?format=json").body()).contains("\"deflate\":false,\"snappy\":true");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"snappy", "deflate"})
    void garbageEndsItsConnectionAndNoOther(String kind) throws Exception {
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port());
                var witness = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n" + sized("{\"feature_negotiation\":true,\"" + kind + "\":true}"));
            client.response();

            client.send("\u00ff\u00ff\u00ff\u00ffPUB t\n");

            client.rest();
            witness.send(pub("t", "x"));
            witness.expect("OK");
        }
    }

    @Test
    void aBombOfCommandsKeepsNobodyElseWaiting() throws Exception {
        var bomb = new ByteArrayOutputStream();
        var writer = new DeflaterOutputStream(bomb, new Deflater(9, true), true);
        var nops = "NOP\n".repeat(256 * 1024).getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 64; i++) {
            writer.write(nops);
        }
        writer.write(pub("t", "x").getBytes(StandardCharsets.ISO_8859_1));
        writer.flush();
        try (var broker = new TestBroker(data, "--loops=1");
                var client = TestClient.open(broker.port());
                var witness = TestClient.open(broker.port())) {
            client.send(Kind.DEFLATE.identify(false));
            client.response();
            client.send(bomb.toString(StandardCharsets.ISO_8859_1));
            for (int i = 0; i < 20; i++) {
                witness.send(pub("t", "x"));
                witness.expect("OK");
            }

            client.startDeflate();

            client.expect("OK");
            client.expect("OK");
        }
    }

    @Test
    void anErrorIsReadThroughEveryLayer() throws Exception {
        var authority = new TestCertificates("Authority");
        var server = authority.issue("broker", TestCertificates.ecKey());
        try (var broker = new TestBroker(data, TestCertificates.flags(files, server));
                var client = Kind.SNAPPY.upgrade(TestClient.open(broker.port()), authority.clientContext(null))) {
            client.send("CLS\n");

            assertThat(client.lastResponseBeforeClose()).isEqualTo("E_INVALID cannot CLS in current state");
        }
    }
}
