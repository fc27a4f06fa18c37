package io.waystation.broker;

import static io.waystation.broker.TestClient.pub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.ServerTls;
import io.waystation.daemon.TlsVersion;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
    private static final String IDENTIFY = "IDENTIFY\n" + sized("{\"feature_negotiation\":true,\"tls_v1\":true}");

    @TempDir
    Path data;

    @TempDir
    Path files;

    private final TestCertificates authority;
    private final TestCertificates.Identity server;

    TlsTest() throws GeneralSecurityException {
        authority = new TestCertificates("Authority");
        server = authority.issue("broker", TestCertificates.ecKey());
    }

    private TestBroker broker(String... more) throws IOException, UsageException {
        return new TestBroker(data, TestCertificates.flags(files, server, more));
    }

    private SSLContext trusting(TestCertificates.@Nullable Identity client)
            throws GeneralSecurityException, IOException {
        return authority.clientContext(client);
    }

    private static void upgrade(TestClient client, SSLContext context, String... protocols) throws IOException {
        client.send(IDENTIFY);
        assertThat(client.response()).contains("\"tls_v1\":true");
        client.startTls(context, protocols);
        client.expect("OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void consumersOverTlsMoveBetweenLoopsAndGetEverything(String protocol) throws Exception {
        int topics = 8;
        int messages = 200;
        try (var broker = broker("--loops=3");
                var producer = TestClient.open(broker.port())) {
            upgrade(producer, trusting(null), protocol);
            for (int topic = 0; topic < topics; topic++) {
                for (int i = 0; i < messages; i++) {
                    producer.send(pub("t" + topic, "m" + i));
                }
            }
            for (int i = 0; i < topics * messages; i++) {
                producer.expect("OK");
            }
            for (int topic = 0; topic < topics; topic++) {
                try (var consumer = TestClient.open(broker.port())) {
                    upgrade(consumer, trusting(null), protocol);
                    consumer.send("SUB t" + topic + " c\nRDY 20\n");
                    consumer.expect("OK");
                    for (int i = 0; i < messages; i++) {
                        var message = consumer.message();
                        assertThat(message.body()).isEqualTo("m" + i);
                        consumer.finish(message);
                    }
                }
            }
        }
    }

    @Test
    void aSessionIsShownInStats() throws Exception {
        try (var broker = broker();
                var client = TestClient.open(broker.port())) {
            upgrade(client, trusting(null), "TLSv1.2");
            client.send("SUB t c\n");
            client.expect("OK");

            assertThat(broker.get("/stats?format=json").body())
                    .contains("\"tls\":true,\"tls_cipher_suite\":\"Unknown 49196\",\"tls_version\":\"TLS1.2\","
                            + "\"tls_negotiated_protocol\":\"\",\"tls_negotiated_protocol_is_mutual\":true");
        }
    }

    @Test
    void withoutACertificateTlsIsAnsweredFalse() throws Exception {
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port())) {
            client.send(IDENTIFY);

            assertThat(client.response()).contains("\"tls_v1\":false");
            client.send(pub("t", "x"));
            client.expect("OK");
        }
    }

    @Test
    void aSecondIdentifyPutsNoSecondLayerOnTop() throws Exception {
        try (var broker = broker();
                var client = TestClient.open(broker.port())) {
            upgrade(client, trusting(null));

            client.send(IDENTIFY);

            assertThat(client.response()).contains("\"tls_v1\":false");
            client.send(pub("t", "x"));
            client.expect("OK");
        }
    }

    @Test
    void anErrorReachesAClientOverTlsAndTheEndIsClean() throws Exception {
        try (var broker = broker();
                var client = TestClient.open(broker.port())) {
            upgrade(client, trusting(null));

            client.send("FIN x\n");

            assertThat(client.lastResponseBeforeClose()).isEqualTo("E_INVALID cannot FIN in current state");
        }
    }

    @Test
    void aClientHelloInOneSegmentWithIdentifyIsKept() throws Exception {
        try (var broker = broker();
                var client = new TestClient(new EagerSocket(broker.port(), "  V2" + IDENTIFY))) {
            client.startTls(trusting(null));

            client.expect("OK");
            client.send(pub("t", "x"));
            client.expect("OK");
        }
    }

    @Test
    void recordsMayComeByteByByte() throws Exception {
        try (var broker = broker();
                var client = new TestClient(new DrippingSocket(broker.port()))) {
            client.send("  V2");
            upgrade(client, trusting(null));

            client.send(pub("t", "x".repeat(2000)) + "SUB t c\nRDY 1\n");

            client.expect("OK");
            client.expect("OK");
            assertThat(client.message().body()).hasSize(2000);
        }
    }

    @Test
    void garbageInsteadOfAHandshakeIsToldInClearAndHurtsNobodyElse() throws Exception {
        try (var broker = broker();
                var witness = TestClient.open(broker.port());
                var client = TestClient.open(broker.port())) {
            client.send(IDENTIFY);
            client.response();

            client.send("GET / HTTP/1.1\r\n\r\n");

            assertThat(new String(client.rest(), StandardCharsets.ISO_8859_1))
                    .contains("E_IDENTIFY_FAILED IDENTIFY failed ");
            upgrade(witness, trusting(null));
            witness.send(pub("t", "x"));
            witness.expect("OK");
        }
    }

    @Test
    void aHandshakeThatIsNotFinishedEndsAfterFiveSeconds() throws Exception {
        try (var broker = broker();
                var client = TestClient.open(broker.port())) {
            client.send(IDENTIFY);
            client.response();

            client.send("\u0016\u0003\u0001");

            assertThat(new String(client.rest(), StandardCharsets.ISO_8859_1))
                    .contains("E_IDENTIFY_FAILED IDENTIFY failed handshake timed out");
        }
    }

    @Test
    void soManyHandshakesAreUnderWayAndTheNextWaitForOneOfThemToEnd() throws Exception {
        int atOnce = 16;
        try (var broker = broker("--max-connection-memory=" + atOnce * 64 * 1024);
                var next = TestClient.open(broker.port())) {
            var silent = new ArrayList<TestClient>();
            for (int i = 0; i < atOnce; i++) {
                var client = TestClient.open(broker.port());
                silent.add(client);
                client.send(IDENTIFY);
                client.response();
            }
            Await.contains(() -> broker.get("/metrics").body(), "\nwaystation_tls_handshakes 16\n");
            next.send(IDENTIFY);
            next.response();
            Await.contains(() -> broker.get("/metrics").body(), "\nwaystation_tls_handshakes_waiting 1\n");

            silent.removeLast().close();

            next.startTls(trusting(null));
            next.expect("OK");
            for (var client : silent) {
                client.close();
            }
        }
    }

    @Test
    void aRecordThatIsNotWholeCountsAsAnUnfinishedCommand() throws Exception {
        try (var broker = broker();
                var socket = new Socket(InetAddress.getLoopbackAddress(), broker.port());
                var client = new TestClient(socket)) {
            client.send("  V2");
            upgrade(client, trusting(null));
            var record = new byte[10_000];
            record[0] = 0x17;
            record[1] = 3;
            record[2] = 3;
            record[3] = 0x40;

            socket.getOutputStream().write(record);

            Await.contains(
                    () -> broker.get("/metrics")
                            .body()
                            .replaceAll("waystation_input_held_bytes \\d{5,}", "much is held"),
                    "\nmuch is held\n");
            socket.shutdownOutput();
            Await.contains(() -> broker.get("/metrics").body(), "\nwaystation_input_held_bytes 0\n");
        }
    }

    // ---- client certificates

    @Test
    void requireTakesAnyCertificateAndNoneFails() throws Exception {
        var stranger = new TestCertificates("Stranger").issue("guest", TestCertificates.ecKey());
        try (var broker = broker("--tls-client-auth-policy=require");
                var with = TestClient.open(broker.port());
                var without = TestClient.open(broker.port())) {
            upgrade(with, trusting(stranger));
            with.send(pub("t", "x"));
            with.expect("OK");

            assertThatThrownBy(() -> upgrade(without, trusting(null), "TLSv1.2"))
                    .isInstanceOf(SSLException.class);
        }
    }

    @Test
    void requireVerifyTakesOnlyCertificatesOfItsAuthority() throws Exception {
        var known = authority.issue("known", TestCertificates.ecKey());
        var stranger = new TestCertificates("Stranger").issue("stranger", TestCertificates.ecKey());
        var root = TestCertificates.pem(files.resolve("root.pem"), authority.authority());
        try (var broker = broker("--tls-client-auth-policy=require-verify", "--tls-root-ca-file=" + root);
                var with = TestClient.open(broker.port());
                var wrong = TestClient.open(broker.port());
                var plain = TestClient.open(broker.port())) {
            upgrade(with, trusting(known));
            with.send(pub("t", "x"));
            with.expect("OK");

            assertThatThrownBy(() -> upgrade(wrong, trusting(stranger), "TLSv1.2"))
                    .isInstanceOf(SSLException.class);
            plain.send("NOP\n");
            assertThat(plain.lastResponseBeforeClose())
                    .isEqualTo("E_INVALID cannot NOP in current state (TLS required)");
        }
    }

    // ---- tls-required

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            NOP ~ NOP
            PUB t ~ PUB
            pub t ~ pub
            SUB t c ~ SUB
            FIN 0123456789abcdef ~ FIN
            AUTH ~ AUTH
            CLS ~ CLS
            '' ~ ''
            """)
    void whatIsRequiredIsAskedForBeforeEverythingElse(String line, String command) throws Exception {
        try (var broker = broker("--tls-required");
                var client = TestClient.open(broker.port())) {
            client.send(line + "\n");

            assertThat(client.lastResponseBeforeClose())
                    .isEqualTo("E_INVALID cannot " + command + " in current state (TLS required)");
        }
    }

    @Test
    void requiredTlsRefusesPlainHttpAndNamesTheOtherPort() throws Exception {
        try (var broker = broker("--tls-required=true");
                var client = TestClient.open(broker.port())) {
            var refusal = new TestBroker.Answer(
                    403, "{\"message\": \"TLS_REQUIRED\", \"https_port\": " + broker.httpsPort() + "}");

            assertThat(broker.get("/ping")).isEqualTo(refusal);
            assertThat(broker.post("/pub?topic=t", "x")).isEqualTo(refusal);
            assertThat(broker.get("/nothing")).isEqualTo(refusal);
            assertThat(https(broker, "/config/tls_required")).endsWith("\r\n\r\n2");
            upgrade(client, trusting(null));
        }
    }

    @Test
    void tcpHttpsLetsPlainHttpIn() throws Exception {
        try (var broker = broker("--tls-required=tcp-https");
                var client = TestClient.open(broker.port())) {
            assertThat(broker.get("/ping").body()).isEqualTo("OK");
            assertThat(broker.get("/config/tls_required").body()).isEqualTo("1");
            assertThat(https(broker, "/ping")).startsWith("HTTP/1.1 200 OK").endsWith("OK");

            client.send("NOP\n");

            assertThat(client.lastResponseBeforeClose())
                    .isEqualTo("E_INVALID cannot NOP in current state (TLS required)");
        }
    }

    private String https(TestBroker broker, String path) throws GeneralSecurityException, IOException {
        try (var socket =
                trusting(null).getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), broker.httpsPort())) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void theLeastVersionIsHeldToAndShownAsItsNumber() throws Exception {
        try (var broker = broker("--tls-min-version=tls1.3");
                var client = TestClient.open(broker.port())) {
            assertThat(broker.get("/config/tls_min_version").body()).isEqualTo("772");

            assertThatThrownBy(() -> upgrade(client, trusting(null), "TLSv1.2")).isInstanceOf(SSLException.class);
        }
    }

    // ---- files

    @Test
    void keysMayHaveAnyOfTheUsualForms() throws Exception {
        for (var key : List.of(TestCertificates.rsaKey(), TestCertificates.ecKey())) {
            var identity = authority.issue("broker", key);
            var general = new org.bouncycastle.util.io.pem.PemObject(
                    "PRIVATE KEY", key.getPrivate().getEncoded());
            for (Object form : new Object[] {key.getPrivate(), general}) {
                try (var broker = new TestBroker(
                                data,
                                "--tls-cert=" + TestCertificates.pem(files.resolve("c"), identity.certificate()),
                                "--tls-key=" + TestCertificates.pem(files.resolve("k"), form),
                                "--https-address=");
                        var client = TestClient.open(broker.port())) {
                    upgrade(client, trusting(null));
                    client.send(pub("t", "x"));
                    client.expect("OK");
                }
            }
        }
    }

    @Test
    void whatCannotBeUsedIsRefusedWithTheReason() throws Exception {
        var certificate = TestCertificates.pem(files.resolve("c"), server.certificate());
        var key = TestCertificates.pem(files.resolve("k"), server.key().getPrivate());
        var other = TestCertificates.pem(
                files.resolve("other"), TestCertificates.ecKey().getPrivate());
        var refusals = new ArrayList<String>();
        for (var flags : List.of(
                List.of("--tls-cert=" + certificate),
                List.of("--tls-required"),
                List.of("--tls-client-auth-policy=require"),
                List.of("--tls-cert=" + certificate, "--tls-key=" + other),
                List.of("--tls-cert=" + certificate, "--tls-key=" + certificate),
                List.of("--tls-cert=" + key, "--tls-key=" + key),
                List.of("--tls-cert=" + files.resolve("none"), "--tls-key=" + key),
                List.of("--tls-min-version=ssl3.0"),
                List.of("--tls-required=maybe"),
                List.of("--tls-client-auth-policy=some"))) {
            try {
                new TestBroker(data, flags.toArray(String[]::new)).close();
                refusals.add("started with " + flags);
            } catch (IOException | UsageException refusal) {
                refusals.add(
                        String.valueOf(refusal.getMessage()).lines().findFirst().orElse(""));
            }
        }

        assertThat(refusals)
                .satisfiesExactly(
                        text -> assertThat(text).contains("expected: both files or neither"),
                        text -> assertThat(text)
                                .contains("cannot require TLS client connections without TLS key and cert"),
                        text -> assertThat(text)
                                .contains("cannot require TLS client connections without TLS key and cert"),
                        text -> assertThat(text).contains("does not belong to the certificate"),
                        text -> assertThat(text).contains("no private key"),
                        text -> assertThat(text).contains("no certificate"),
                        text -> assertThat(text).contains("cannot read"),
                        text -> assertThat(text)
                                .contains("tls-min-version: 'ssl3.0' (expected: tls1.0, tls1.1, tls1.2 or tls1.3)"),
                        text -> assertThat(text).contains("tls-required: 'maybe' (expected: true, false or tcp-https)"),
                        text -> assertThat(text).contains("tls-client-auth-policy: 'some'"));
    }

    @Test
    void changedFilesAreTakenOverAndBrokenOnesAreNot() throws Exception {
        var certificate = TestCertificates.pem(files.resolve("c"), server.certificate());
        var key = TestCertificates.pem(files.resolve("k"), server.key().getPrivate());
        var http = new HttpApi().route("GET", "/ping", 0, request -> HttpReply.ok());
        try (http;
                var tls = new ServerTls(
                        new ServerTls.Sources(certificate, key, null),
                        ServerTls.ClientCertificate.NONE,
                        TlsVersion.TLS1_2)) {
            http.startTls(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls);
            var next = authority.issue("next", TestCertificates.ecKey());
            TestCertificates.pem(certificate, next.certificate());
            tls.reload();
            var half = subject(http.tlsPort());
            TestCertificates.pem(key, next.key().getPrivate());
            tls.reload();

            var whole = subject(http.tlsPort());

            assertThat(half).isEqualTo("CN=broker");
            assertThat(whole).isEqualTo("CN=next");
        }
    }

    private String subject(int port) throws GeneralSecurityException, IOException {
        try (var socket =
                (SSLSocket) trusting(null).getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            return socket.getSession().getPeerPrincipal().getName();
        }
    }
}
