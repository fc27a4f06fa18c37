package io.waystation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.broker.TestCertificates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What lies between socket and protocol: TLS, Snappy, Deflate.
class UpgradeTest {
    private static final ClientOptions OPTIONS =
            ClientOptions.defaults("vm", "test/1").withMaxInFlight(100);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

    @TempDir
    private Path data;

    @TempDir
    private Path files;

    private final TestCertificates authority;
    private Path root = Path.of("");

    UpgradeTest() throws GeneralSecurityException {
        authority = new TestCertificates("Authority");
    }

    @BeforeEach
    void writeRoot() throws IOException {
        root = TestCertificates.pem(files.resolve("root.pem"), authority.authority());
    }

    private LiveBroker broker(String... flags) throws Exception {
        var identity = authority.issue("broker", TestCertificates.ecKey());
        var broker = new LiveBroker(data, TestCertificates.flags(files, identity, flags));
        broker.createChannel("events", "archive");
        return broker;
    }

    private ClientOptions tls() {
        return OPTIONS.with("tls_v1", "true").with("tls_root_ca_file", root.toString());
    }

    private static void publish(LiveBroker broker, ClientOptions options, byte[]... bodies) throws IOException {
        try (var producer = new Producer(broker.tcpAddress(), options, ANSWER_TIMEOUT)) {
            for (var body : bodies) {
                producer.publish("events", body);
            }
            producer.flush();
        }
    }

    private static Consumer consumer(LiveBroker broker, ClientOptions options, Inbox inbox) {
        return new Consumer("events", "archive", options, Sources.brokers(List.of(broker.tcpAddress())), inbox);
    }

    /// Small and large, easy and hard to compress.
    private static List<byte[]> bodies() {
        var bodies = new ArrayList<byte[]>();
        for (int i = 0; i < 200; i++) {
            bodies.add(("message " + i).getBytes(StandardCharsets.US_ASCII));
        }
        var noise = new byte[200_000];
        new SplittableRandom(7).nextBytes(noise);
        bodies.add(noise);
        bodies.add("again and ".repeat(40_000).getBytes(StandardCharsets.US_ASCII));
        return bodies;
    }

    @ParameterizedTest
    @CsvSource({
        "false, none",
        "false, snappy",
        "false, deflate",
        "true, none",
        "true, snappy",
        "true, deflate",
    })
    void everyMessageComesAsItWasPublished(boolean encrypted, String compression) throws Exception {
        var options = encrypted ? tls() : OPTIONS;
        if (!compression.equals("none")) {
            options = options.with(compression, "true");
        }
        var bodies = bodies();
        var inbox = new Inbox();
        try (var broker = broker();
                var consumer = consumer(broker, options, inbox)) {
            publish(broker, options, bodies.toArray(byte[][]::new));
            consumer.start();
            inbox.awaitCount(bodies.size());
            broker.await("events", "archive", "depth", 0);

            var client = broker.channel("events", "archive")
                    .get("clients")
                    .elements()
                    .getFirst();

            assertThat(inbox.messages()).hasSize(bodies.size());
            for (int i = 0; i < bodies.size(); i++) {
                assertThat(inbox.messages().get(i).body()).as("message " + i).isEqualTo(bodies.get(i));
            }
            assertThat(client.get("tls").isTrue()).isEqualTo(encrypted);
            assertThat(client.get("snappy").isTrue()).isEqualTo(compression.equals("snappy"));
            assertThat(client.get("deflate").isTrue()).isEqualTo(compression.equals("deflate"));
        }
    }

    @ParameterizedTest
    @CsvSource({"tls1.2, TLSv1.2 TLSv1.3", "tls1.3, TLSv1.3"})
    void theLeastVersionIsKept(String version, String allowed) throws Exception {
        try (var broker = broker();
                var consumer = consumer(broker, tls().with("tls_min_version", version), new Inbox())) {
            consumer.start();
            broker.await("events", "archive", "client_count", 1);

            var client = broker.channel("events", "archive")
                    .get("clients")
                    .elements()
                    .getFirst();

            assertThat(allowed).contains(client.get("tls_version").text().replace("TLS", "TLSv"));
        }
    }

    @Test
    void theOwnCertificateIsShown() throws Exception {
        var own = authority.issue("guest", TestCertificates.ecKey());
        var certificate = TestCertificates.pem(files.resolve("own.pem"), own.certificate());
        var key = TestCertificates.pem8(files.resolve("own.key"), own.key().getPrivate());
        try (var broker = broker(
                "--tls-client-auth-policy=require-verify", "--tls-required=tcp-https", "--tls-root-ca-file=" + root)) {
            publish(broker, tls().with("tls_cert", certificate.toString()).with("tls_key", key.toString()), new byte[] {
                1
            });

            broker.await("events", "archive", "depth", 1);
            assertThatThrownBy(() -> publish(broker, tls(), new byte[] {1})).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aKeyInAnotherFormIsToldHowToConvert() throws Exception {
        var own = authority.issue("guest", TestCertificates.ecKey());
        var certificate = TestCertificates.pem(files.resolve("own.pem"), own.certificate());
        var key = TestCertificates.pem(files.resolve("own.key"), own.key().getPrivate());
        var options = tls().with("tls_cert", certificate.toString()).with("tls_key", key.toString());
        try (var broker = broker()) {
            assertThatThrownBy(() -> publish(broker, options, new byte[] {1}))
                    .hasMessage("tls_key: " + key + " holds no such key (expected: a PEM block PRIVATE KEY to the"
                            + " certificate; openssl pkcs8 -topk8 -nodes makes one)");
        }
    }

    @Test
    void aBrokerOfAnotherAuthorityIsNotSpokenToUnlessThatIsSkipped() throws Exception {
        var stranger = new TestCertificates("Stranger");
        var other = TestCertificates.pem(files.resolve("other.pem"), stranger.authority());
        var options = OPTIONS.with("tls_v1", "true").with("tls_root_ca_file", other.toString());
        try (var broker = broker()) {
            assertThatThrownBy(() -> publish(broker, options, new byte[] {1}))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("TLS handshake: ");
            publish(broker, options.with("tls_insecure_skip_verify", "true"), new byte[] {1});

            broker.await("events", "archive", "depth", 1);
        }
    }

    @Test
    void aFileThatIsNotThereIsNamed() throws Exception {
        var absent = files.resolve("absent.pem").toString();
        var rootless = tls().with("tls_root_ca_file", absent);
        var bare = tls().with("tls_cert", absent).with("tls_key", root.toString());
        try (var broker = broker()) {
            assertThatThrownBy(() -> publish(broker, rootless, new byte[] {1}))
                    .hasMessageStartingWith("tls_root_ca_file: " + absent);
            assertThatThrownBy(() -> publish(broker, bare, new byte[] {1}))
                    .hasMessageStartingWith("tls_cert: " + absent);
        }
    }

    @Test
    void aBrokerWithoutTlsIsNotSpokenToInClear() throws Exception {
        try (var broker = new LiveBroker(data)) {
            assertThatThrownBy(() -> publish(broker, OPTIONS.with("tls_v1", "true"), new byte[] {1}))
                    .hasMessage("the broker does not do TLS (expected: one that does, as the options ask)");
        }
    }

    @Test
    void aBrokerWithoutCompressionIsSpokenToWithoutIt() throws Exception {
        try (var broker = new LiveBroker(data, "--snappy=false", "--deflate=false")) {
            broker.createChannel("events", "archive");
            publish(broker, OPTIONS.with("snappy", "true"), new byte[] {1});
            publish(broker, OPTIONS.with("deflate", "true"), new byte[] {2});

            broker.await("events", "archive", "depth", 2);
        }
    }

    @Test
    void aConsumerWithEverythingComesBackWhenItsBrokerDoes() throws Exception {
        var inbox = new Inbox();
        try (var broker = broker();
                var consumer =
                        consumer(broker, tls().with("snappy", "true").with("lookupd_poll_interval", "100ms"), inbox)) {
            consumer.start();
            broker.publish("events", "before");
            inbox.await("before");

            broker.goAway();
            broker.comeBack();
            broker.publish("events", "after");

            inbox.await("after");
        }
    }
}
