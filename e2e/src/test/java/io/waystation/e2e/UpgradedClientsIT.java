package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sproutsocial.nsq.Client;
import com.sproutsocial.nsq.Config;
import com.sproutsocial.nsq.MessageDataHandler;
import com.sproutsocial.nsq.Publisher;
import com.sproutsocial.nsq.Subscriber;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// NSQ's clients with TLS, compression and AUTH, each message counted.
class UpgradedClientsIT {
    private static final int COUNT = 1000;
    private static final Duration RUN_LIMIT = Duration.ofMinutes(2);
    private static final String SECRET = "swordfish";
    private static final String GRANT =
            "{\"ttl\":1,\"identity\":\"e2e\",\"authorizations\":[{\"topic\":\"^upgraded$\",\"channels\":[\".*\"],"
                    + "\"permissions\":[\"subscribe\",\"publish\"]}]}";

    /// What a connection has beside the plain protocol.
    enum Mode {
        TLS,
        SNAPPY,
        DEFLATE,
        TLS_SNAPPY,
        TLS_DEFLATE,
        AUTH;

        boolean tls() {
            return this == TLS || this == TLS_SNAPPY || this == TLS_DEFLATE;
        }

        boolean snappy() {
            return this == SNAPPY || this == TLS_SNAPPY;
        }

        boolean deflate() {
            return this == DEFLATE || this == TLS_DEFLATE;
        }
    }

    @TempDir
    Path data;

    @TempDir
    Path files;

    private final HttpServer authServer;
    private final AtomicInteger refused = new AtomicInteger();

    UpgradedClientsIT() throws IOException {
        authServer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        authServer.createContext("/auth", exchange -> {
            boolean known = exchange.getRequestURI().getQuery().contains("secret=" + SECRET);
            if (!known) {
                refused.incrementAndGet();
            }
            var grant = GRANT.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(known ? 200 : 403, grant.length);
            exchange.getResponseBody().write(grant);
            exchange.close();
        });
    }

    @BeforeEach
    void start() {
        authServer.start();
    }

    @AfterEach
    void stop() {
        authServer.stop(0);
    }

    private Daemons daemons(Mode mode, ServerCertificate certificate) throws IOException {
        var flags = new ArrayList<>(List.of(
                "--tls-cert=" + certificate.certificate(),
                "--tls-key=" + certificate.key(),
                "--https-address=127.0.0.1:0"));
        if (mode.tls()) {
            flags.add("--tls-required=tcp-https");
        }
        if (mode == Mode.AUTH) {
            flags.add("--auth-http-address=127.0.0.1:" + authServer.getAddress().getPort());
        }
        return new Daemons(data, flags.toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void goNsqGetsWhatItPublished(Mode mode) throws IOException, GeneralSecurityException {
        var counted = GoClient.build();
        var certificate = new ServerCertificate(files);
        try (var daemons = daemons(mode, certificate)) {
            var produced = go(mode, certificate, counted, "produce", daemons.broker());
            var consumed = go(mode, certificate, counted, "consume", daemons.lookup());

            assertThat(produced).contains("refused 0", "acknowledged " + COUNT);
            assertThat(consumed).contains("distinct " + COUNT + " duplicates 0");
            assertThat(refused).hasValue(0);
        }
    }

    private String go(Mode mode, ServerCertificate certificate, Path program, String command, String address)
            throws IOException {
        var words = new ArrayList<>(
                List.of(program.toString(), command, "-topic", "upgraded", "-count", Integer.toString(COUNT)));
        if (mode.tls()) {
            words.addAll(List.of("-ca", certificate.certificate().toString()));
        }
        if (mode == Mode.AUTH) {
            words.addAll(List.of("-auth", SECRET));
        }
        words.add("-snappy=" + mode.snappy());
        words.add("-deflate=" + mode.deflate());
        words.add(address);
        return Command.run(data, RUN_LIMIT, words.toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void pynsqGetsWhatItPublished(Mode mode) throws IOException, GeneralSecurityException {
        var certificate = new ServerCertificate(files);
        var options = "{\"tls_v1\":" + mode.tls() + ",\"snappy\":" + mode.snappy() + ",\"deflate\":" + mode.deflate()
                + ",\"tls_options\":{\"ca_certs\":\"" + certificate.certificate() + "\"}"
                + (mode == Mode.AUTH ? ",\"auth_secret\":\"" + SECRET + "\"}" : "}");
        try (var daemons = daemons(mode, certificate)) {
            var output = Command.run(
                    data,
                    RUN_LIMIT,
                    ScriptClients.python().toString(),
                    ScriptClients.PYTHON_PROGRAM.toString(),
                    "upgraded",
                    Integer.toString(COUNT),
                    daemons.broker(),
                    daemons.lookup(),
                    options);

            assertThat(output).contains("acknowledged " + COUNT, "distinct " + COUNT);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void nsqjsGetsWhatItPublished(Mode mode) throws IOException, GeneralSecurityException {
        var certificate = new ServerCertificate(files);
        var options = "{\"tls\":" + mode.tls() + ",\"snappy\":" + mode.snappy() + ",\"deflate\":" + mode.deflate()
                + ",\"ca\":\"" + certificate.certificate() + "\""
                + (mode == Mode.AUTH ? ",\"authSecret\":\"" + SECRET + "\"}" : "}");
        try (var daemons = daemons(mode, certificate)) {
            var output = Command.run(
                    data,
                    RUN_LIMIT,
                    "node",
                    ScriptClients.nodeProgram().toString(),
                    "upgraded",
                    Integer.toString(COUNT),
                    daemons.broker(),
                    daemons.lookup(),
                    options);

            assertThat(output).contains("acknowledged " + COUNT, "distinct " + COUNT);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void nsqjGetsWhatItPublished(Mode mode) throws IOException, GeneralSecurityException {
        var certificate = new ServerCertificate(files);
        var config = new Config();
        config.setTlsV1(mode.tls());
        config.setSnappy(mode.snappy());
        config.setDeflate(mode.deflate());
        var client = new Client();
        client.setSSLSocketFactory(certificate.clientSockets());
        if (mode == Mode.AUTH) {
            client.setAuthSecret(SECRET);
        }
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (var daemons = daemons(mode, certificate)) {
            var publisher = new Publisher(client, daemons.broker(), null);
            publisher.setConfig(config);
            for (int i = 0; i < COUNT; i++) {
                publisher.publish("upgraded", Integer.toString(i).getBytes(StandardCharsets.US_ASCII));
            }
            var subscriber = new Subscriber(client, 1, 5, daemons.lookup());
            subscriber.setConfig(config);
            MessageDataHandler handler = body -> seen.add(new String(body, StandardCharsets.US_ASCII));
            subscriber.subscribe("upgraded", "nsqj", handler);

            Awaitility.await("all messages").atMost(RUN_LIMIT).until(() -> seen.size() == COUNT);

            client.stop();
        }
        assertThat(seen).hasSize(COUNT);
    }
}
