package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static io.waystation.broker.TestClient.pub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.broker.auth.AuthQuestion;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthTest {
    private static final String ALL =
            "{\"topic\":\".*\",\"channels\":[\".*\"],\"permissions\":[\"subscribe\",\"publish\"]}";

    @TempDir
    Path data;

    @TempDir
    Path files;

    private static String answer(String... entries) {
        return answer(3600, entries);
    }

    private static String answer(int ttlSeconds, String... entries) {
        return "{\"ttl\":" + ttlSeconds + ",\"identity\":\"user\",\"identity_url\":\"http://u\",\"authorizations\":["
                + String.join(",", entries) + "]}";
    }

    private TestBroker broker(AuthServer server, String... more) throws IOException, UsageException {
        var flags = new ArrayList<>(List.of("--auth-http-address=" + server.address()));
        flags.addAll(List.of(more));
        return new TestBroker(data, flags.toArray(String[]::new));
    }

    private static TestClient authed(TestBroker broker, int permissions) throws IOException {
        var client = TestClient.open(broker.port());
        client.send("AUTH\n" + sized("secret"));
        client.expect("{\"identity\":\"user\",\"identity_url\":\"http://u\",\"permission_count\":" + permissions + "}");
        return client;
    }

    @Nullable String error(TestBroker broker, String commands) throws IOException {
        try (var client = TestClient.open(broker.port())) {
            client.send(commands);
            return client.lastResponseBeforeClose();
        }
    }

    // ---- the exchange

    @Test
    void identifySaysThatAuthIsRequiredAndAuthOpensEverything() throws Exception {
        try (var server = new AuthServer(answer(ALL));
                var broker = broker(server);
                var client = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n" + sized("{\"feature_negotiation\":true}"));
            assertThat(client.response()).contains("\"auth_required\":true");
            client.send("AUTH\n" + sized("a b&c"));
            client.expect("{\"identity\":\"user\",\"identity_url\":\"http://u\",\"permission_count\":1}");
            client.send(pub("t", "1") + mpub("t", "2") + "DPUB t 0\n" + sized("3") + "SUB t c\nRDY 3\n");
            for (int i = 0; i < 4; i++) {
                client.expect("OK");
            }

            client.message();

            assertThat(server.requests())
                    .containsExactly("GET /auth?common_name=&remote_ip=127.0.0.1&secret=a+b%26c&tls=false"
                            + " accept=application/vnd.nsq; version=1.0");
            assertThat(broker.get("/stats?format=json").body())
                    .contains("\"user_agent\":\"\",\"authed\":true,\"auth_identity\":\"user\","
                            + "\"auth_identity_url\":\"http://u\",\"topology_zone\"");
        }
    }

    @Test
    void postAsksWithAnObjectOfArrays() throws Exception {
        try (var server = new AuthServer(answer(ALL));
                var broker = broker(server, "--auth-http-request-method=post");
                var client = authed(broker, 1)) {
            client.send(pub("t", "1"));
            client.expect("OK");

            assertThat(server.requests())
                    .containsExactly("POST /auth accept=application/vnd.nsq; version=1.0 application/json "
                            + "{\"common_name\":[\"\"],\"remote_ip\":[\"127.0.0.1\"],\"secret\":[\"secret\"],"
                            + "\"tls\":[\"false\"]}");
        }
    }

    @Test
    void theCertificatesNameIsTold() throws Exception {
        var authority = new TestCertificates("Authority");
        var identity = authority.issue("broker", TestCertificates.ecKey());
        var guest = authority.issue("guest", TestCertificates.ecKey());
        try (var server = new AuthServer(answer(ALL));
                var broker = new TestBroker(
                        data,
                        TestCertificates.flags(
                                files,
                                identity,
                                "--tls-client-auth-policy=require",
                                "--tls-required=tcp-https",
                                "--auth-http-address=" + server.address()));
                var client = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n" + sized("{\"feature_negotiation\":true,\"tls_v1\":true}"));
            client.response();
            client.startTls(authority.clientContext(guest));
            client.expect("OK");

            client.send("AUTH\n" + sized("s"));

            assertThat(client.response()).contains("\"permission_count\":1");
            assertThat(server.requests().getFirst())
                    .startsWith("GET /auth?common_name=guest&remote_ip=127.0.0.1&secret=s&tls=true");
        }
    }

    @Test
    void aServerThatIsDownIsPassedOver() throws Exception {
        int closedPort;
        try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closedPort = closed.getLocalPort();
        }
        try (var server = new AuthServer(answer(ALL));
                var broker = broker(
                        server,
                        "--auth-http-address=http://127.0.0.1:" + closedPort + "/x",
                        "--auth-http-address=127.0.0.1:" + closedPort)) {
            for (int i = 0; i < 12; i++) {
                authed(broker, 1).close();
            }
        }
    }

    @Test
    void aServerThatDoesNotAnswerCostsTheTimeoutAndNoOtherClientAnything() throws Exception {
        try (var silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                var broker = new TestBroker(
                        data,
                        "--loops=1",
                        "--auth-http-address=127.0.0.1:" + silent.getLocalPort(),
                        "--http-client-request-timeout=1s");
                var client = TestClient.open(broker.port());
                var other = TestClient.open(broker.port())) {
            client.send("AUTH\n" + sized("s") + "NOP\n");
            other.send("CLS\n");

            assertThat(other.lastResponseBeforeClose()).isEqualTo("E_INVALID cannot CLS in current state");
            assertThat(client.lastResponseBeforeClose()).isEqualTo("E_AUTH_FAILED AUTH failed");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not json",
                "[]",
                "{\"ttl\":0,\"authorizations\":[]}",
                "{\"ttl\":1.5}",
                "{\"ttl\":9,\"authorizations\":[{\"permissions\":[\"admin\"]}]}",
                "{\"ttl\":9,\"authorizations\":[{\"topic\":\"(\",\"channels\":[],\"permissions\":[]}]}",
                "{\"ttl\":9,\"authorizations\":[{\"topic\":\"t\",\"channels\":[\"*\"],\"permissions\":[]}]}",
                "{\"ttl\":9,\"identity\":7}"
            })
    void anAnswerThatIsWrongFailsWithoutSayingWhy(String body) throws Exception {
        try (var server = new AuthServer(body);
                var broker = broker(server)) {
            assertThat(error(broker, "AUTH\n" + sized("s"))).isEqualTo("E_AUTH_FAILED AUTH failed");
        }
    }

    @Test
    void anotherStatusOrAnAnswerWithoutEndFails() throws Exception {
        try (var server = new AuthServer(answer(ALL));
                var broker = broker(server)) {
            server.status(500);
            var refused = error(broker, "AUTH\n" + sized("s"));
            server.status(200);
            server.answer("x".repeat(2 * 1024 * 1024));
            var large = error(broker, "AUTH\n" + sized("s"));

            assertThat(refused).isEqualTo("E_AUTH_FAILED AUTH failed");
            assertThat(large).isEqualTo("E_AUTH_FAILED AUTH failed");
        }
    }

    @Test
    void aServerThatWantsTlsIsAskedAgainWhereItSays() throws Exception {
        var authority = new TestCertificates("Authority");
        var identity = authority.issue("auth", TestCertificates.ecKey());
        var root = TestCertificates.pem(files.resolve("root.pem"), authority.authority());
        try (var encrypted = new AuthServer(answer(ALL), authority.serverContext(identity));
                var plain =
                        new AuthServer("{\"message\": \"TLS_REQUIRED\", \"https_port\": " + encrypted.port() + "}");
                var broker = broker(plain, "--tls-root-ca-file=" + root)) {
            plain.status(403);

            authed(broker, 1).close();

            assertThat(encrypted.requests()).hasSize(1);
            assertThat(encrypted.requests().getFirst()).contains("secret=secret");
        }
    }

    @Test
    void anAddressWithASchemeIsUsedAsItIs() throws Exception {
        try (var server = new AuthServer(answer(ALL));
                var broker = new TestBroker(data, "--auth-http-address=http://" + server.address() + "/who/is")) {
            authed(broker, 1).close();

            assertThat(server.requests().getFirst()).startsWith("GET /who/is?common_name=");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://a/b", "a b:1", "http://", "/path"})
    void anAddressThatIsNoneIsRefusedAtTheStart(String address) {
        assertThatThrownBy(() -> new TestBroker(data, "--auth-http-address=" + address))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("auth-http-address: '" + address + "'")
                .hasMessageContaining("(expected: host:port or a URL)");
    }

    @Test
    void theSecretIsNotPartOfWhatIsPrinted() {
        var question = new AuthQuestion("1.2.3.4", true, "guest", "swordfish".getBytes(StandardCharsets.US_ASCII));

        assertThat(question.toString()).contains("1.2.3.4", "guest").doesNotContain("swordfish");
    }

    // ---- errors

    @Test
    void commandsBeforeAuthAreToldSo() throws Exception {
        try (var server = new AuthServer(answer(ALL));
                var broker = broker(server)) {
            assertThat(error(broker, pub("t", "x"))).isEqualTo("E_AUTH_FIRST AUTH required before PUB");
            assertThat(error(broker, mpub("t", "x"))).isEqualTo("E_AUTH_FIRST AUTH required before MPUB");
            assertThat(error(broker, "DPUB t 1\n" + sized("x"))).isEqualTo("E_AUTH_FIRST AUTH required before DPUB");
            assertThat(error(broker, "SUB t c\n")).isEqualTo("E_AUTH_FIRST AUTH required before SUB");
            assertThat(broker.get("/stats?format=json").body()).contains("\"topics\":[]");
        }
    }

    @Test
    void theOrderOfChecksIsNsqds() throws Exception {
        try (var server = new AuthServer(answer(ALL));
                var broker = broker(server)) {
            assertThat(error(broker, "PUB t*\n")).isEqualTo("E_BAD_TOPIC PUB topic name \"t*\" is not valid");
            assertThat(error(broker, "PUB t\n\0\0\0\0")).isEqualTo("E_BAD_MESSAGE PUB invalid message body size 0");
            assertThat(error(broker, "MPUB t\n")).isEqualTo("E_AUTH_FIRST AUTH required before MPUB");
            assertThat(error(broker, "SUB t c*\n")).isEqualTo("E_BAD_CHANNEL SUB channel name \"c*\" is not valid");
            assertThat(error(broker, "AUTH x\n")).isEqualTo("E_INVALID AUTH invalid number of parameters");
            assertThat(error(broker, "AUTH\n\0\0\0\0")).isEqualTo("E_BAD_BODY AUTH invalid body size 0");
            assertThat(error(broker, "AUTH\n" + sized("s") + "AUTH\n" + sized("s")))
                    .isEqualTo("E_INVALID AUTH already set");
            assertThat(error(broker, "AUTH\n" + sized("s") + "SUB t c\nAUTH\n"))
                    .isEqualTo("E_INVALID cannot AUTH in current state");
        }
    }

    @Test
    void nothingGrantedIsUnauthorized() throws Exception {
        try (var server = new AuthServer(answer());
                var broker = broker(server)) {
            assertThat(error(broker, "AUTH\n" + sized("s"))).isEqualTo("E_UNAUTHORIZED AUTH no authorizations found");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            ^t$ ~ .*  ~ publish   ~ PUB t   ~ OK
            ^t$ ~     ~ publish   ~ PUB t   ~ E_UNAUTHORIZED AUTH failed for PUB on "t" ""
            ^t$ ~ ^c  ~ publish   ~ PUB t   ~ E_UNAUTHORIZED AUTH failed for PUB on "t" ""
            ^t$ ~ .*  ~ subscribe ~ PUB t   ~ E_UNAUTHORIZED AUTH failed for PUB on "t" ""
            ^t$ ~ .*  ~ publish   ~ PUB t2  ~ E_UNAUTHORIZED AUTH failed for PUB on "t2" ""
            t   ~ .*  ~ publish   ~ PUB at2 ~ OK
            ^t$ ~ ^c  ~ subscribe ~ SUB t c ~ OK
            ^t$ ~ ^c$ ~ subscribe ~ SUB t cc ~ E_UNAUTHORIZED AUTH failed for SUB on "t" "cc"
            ^t$ ~ .*  ~ publish   ~ SUB t c ~ E_UNAUTHORIZED AUTH failed for SUB on "t" "c"
            """)
    void anEntryGrantsByPermissionTopicAndChannel(
            String topic, @Nullable String channel, String permission, String command, String outcome)
            throws Exception {
        var entry = "{\"topic\":\"" + topic + "\",\"channels\":[" + (channel == null ? "" : "\"" + channel + "\"")
                + "],\"permissions\":[\"" + permission + "\"]}";
        try (var server = new AuthServer(answer(entry));
                var broker = broker(server);
                var client = authed(broker, 1)) {
            client.send(command + "\n" + (command.startsWith("PUB") ? sized("x") : ""));

            client.expect(outcome);
        }
    }

    // ---- expiry

    @Test
    void anExpiredGrantIsRenewedByTheNextCommandAndMayBeGone() throws Exception {
        try (var server = new AuthServer(answer(1, ALL));
                var broker = broker(server);
                var client = authed(broker, 1)) {
            client.send(pub("t", "before"));
            client.expect("OK");
            server.answer(answer(1, "{\"topic\":\"^other$\",\"channels\":[\"\"],\"permissions\":[\"publish\"]}"));

            Awaitility.await("the grant's end").until(() -> {
                client.send(pub("t", "again"));
                return !client.response().equals("OK") && server.requests().size() == 2;
            });

            assertThat(server.requests()).allMatch(request -> request.contains("secret=secret"));
        }
    }

    @Test
    void aRenewalThatFailsEndsTheConnectionAndARunningSubscriptionGoesOn() throws Exception {
        try (var server = new AuthServer(answer(1, ALL));
                var broker = broker(server);
                var late = authed(broker, 1);
                var producer = authed(broker, 1);
                var consumer = authed(broker, 1)) {
            consumer.send("SUB t c\nRDY 1000\n");
            consumer.expect("OK");
            server.status(500);
            var last = new String[] {"OK"};
            int[] published = {0};
            Awaitility.await("the grant's end").until(() -> {
                producer.send(pub("t", "x"));
                last[0] = producer.response();
                published[0] += last[0].equals("OK") ? 1 : 0;
                return !last[0].equals("OK");
            });

            late.send("SUB t c\n");

            assertThat(last[0]).isEqualTo("E_AUTH_FAILED AUTH failed");
            assertThat(late.lastResponseBeforeClose()).isEqualTo("E_AUTH_FAILED AUTH failed");
            for (int i = 0; i < published[0]; i++) {
                consumer.finish(consumer.message());
            }
        }
    }

    // ---- bounds

    @Test
    void soManyQuestionsAreUnderWayAndTheNextWaitForTheirTurn() throws Exception {
        int atOnce = 64;
        try (var server = new AuthServer(answer(ALL));
                var broker = broker(server)) {
            var clients = new ArrayList<TestClient>();
            server.hold();
            for (int i = 0; i < atOnce + 3; i++) {
                var client = TestClient.open(broker.port());
                clients.add(client);
                client.send("AUTH\n" + sized("secret"));
            }
            Await.contains(() -> broker.get("/metrics").body(), "\nwaystation_auth_waiting 3\n");
            int asked = server.heldCount();
            server.goOn();

            for (var client : clients) {
                assertThat(client.response()).contains("\"permission_count\":1");
                client.close();
            }
            assertThat(asked).isLessThanOrEqualTo(atOnce);
            assertThat(server.requests()).hasSize(atOnce + 3);
            assertThat(broker.get("/metrics").body()).contains("\nwaystation_auth_waiting 0\n");
        }
    }

    @Test
    void secretsThatAreKeptAreBoundedOverAllClients() throws Exception {
        var secret = sized("x".repeat(400_000));
        try (var server = new AuthServer(answer(ALL));
                var broker = broker(server, "--max-connection-memory=1048576", "--auth-http-request-method=post");
                var first = TestClient.open(broker.port());
                var second = TestClient.open(broker.port());
                var third = TestClient.open(broker.port());
                var fourth = TestClient.open(broker.port())) {
            for (var client : List.of(first, second)) {
                client.send("AUTH\n" + secret);
                assertThat(client.response()).contains("\"permission_count\":1");
            }
            third.send("AUTH\n" + secret);
            assertThat(third.lastResponseBeforeClose()).isEqualTo("E_AUTH_FAILED AUTH failed");
            first.endInput();
            Await.contains(() -> broker.get("/metrics").body(), "\nwaystation_connections 2\n");

            fourth.send("AUTH\n" + secret);

            assertThat(fourth.response()).contains("\"permission_count\":1");
            assertThat(broker.get("/metrics").body()).contains("\nwaystation_auth_given_up_total 1\n");
        }
    }
}
