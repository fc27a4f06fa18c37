package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.waystation.client.ClientOptions;
import io.waystation.client.Consumer;
import io.waystation.client.Producer;
import io.waystation.client.Sources;
import io.waystation.e2e.UpgradedClientsIT.Mode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Our Java client at the real nsqd, with what it can have between socket and protocol; each message counted.
class JavaClientIT {
    private static final int COUNT = 1000;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String SECRET = "swordfish";
    private static final String GRANT =
            "{\"ttl\":3600,\"identity\":\"e2e\",\"authorizations\":[{\"topic\":\".*\",\"channels\":[\".*\"],"
                    + "\"permissions\":[\"subscribe\",\"publish\"]}]}";

    @TempDir
    Path data;

    @TempDir
    Path files;

    private static HttpServer authServer() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/auth", exchange -> {
            boolean known = exchange.getRequestURI().getQuery().contains("secret=" + SECRET);
            var grant = GRANT.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(known ? 200 : 403, grant.length);
            exchange.getResponseBody().write(grant);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static ClientOptions options(Mode mode, ServerCertificate certificate) {
        var options = ClientOptions.defaults("e2e", "e2e/1")
                .withMaxInFlight(50)
                .with("snappy", Boolean.toString(mode.snappy()))
                .with("deflate", Boolean.toString(mode.deflate()));
        if (mode.tls()) {
            options = options.with("tls_v1", "true")
                    .with("tls_root_ca_file", certificate.certificate().toString());
        }
        return mode == Mode.AUTH ? options.with("auth_secret", SECRET) : options;
    }

    private Command nsqd(Mode mode, ServerCertificate certificate, HttpServer auth) throws IOException {
        var tls = List.of(
                "--tls-cert=" + certificate.certificate(),
                "--tls-key=" + certificate.key(),
                "--https-address=127.0.0.1:0",
                "--tls-required=" + (mode.tls() ? "tcp-https" : "false"));
        var flags = mode == Mode.AUTH
                ? List.of("--auth-http-address=127.0.0.1:" + auth.getAddress().getPort())
                : tls;
        return Peers.nsqd(data, flags.toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void itGetsWhatItPublished(Mode mode) throws IOException, GeneralSecurityException {
        var certificate = new ServerCertificate(files);
        var options = options(mode, certificate);
        var auth = authServer();
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (var nsqd = nsqd(mode, certificate, auth)) {
            var address = Peers.address(nsqd, "TCP");
            try (var producer = new Producer(address, options, LIMIT)) {
                for (int i = 0; i < COUNT; i++) {
                    producer.publish("upgraded", Integer.toString(i).getBytes(StandardCharsets.US_ASCII));
                }
                producer.flush();
            }
            Consumer.Handler handler = message -> {
                seen.add(new String(message.body(), StandardCharsets.US_ASCII));
                return Consumer.Outcome.FINISH;
            };
            try (var consumer = new Consumer("upgraded", "java", options, Sources.brokers(List.of(address)), handler)) {
                consumer.start();
                Awaitility.await("all messages").atMost(LIMIT).until(() -> seen.size() == COUNT);
            }
        } finally {
            auth.stop(0);
        }

        assertThat(seen)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, COUNT).mapToObj(Integer::toString).toList());
    }
}
