package io.waystation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.waystation.broker.AuthServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The secret, and whom it is told.
class AuthTest {
    private static final ClientOptions OPTIONS = ClientOptions.defaults("vm", "test/1");
    private static final String GRANT =
            "{\"ttl\":3600,\"identity\":\"me\",\"authorizations\":[{\"topic\":\"^events$\",\"channels\":[\".*\"],"
                    + "\"permissions\":[\"subscribe\",\"publish\"]}]}";

    @TempDir
    private Path data;

    private LiveBroker broker(AuthServer auth) throws Exception {
        var broker = new LiveBroker(data, "--auth-http-address=" + auth.address());
        broker.createChannel("events", "archive");
        return broker;
    }

    private static void publish(LiveBroker broker, ClientOptions options) throws IOException {
        try (var producer = new Producer(broker.tcpAddress(), options, Duration.ofSeconds(10))) {
            producer.publish("events", new byte[] {'x'});
            producer.flush();
        }
    }

    @Test
    void whoKnowsTheSecretProducesAndConsumes() throws Exception {
        var options = OPTIONS.with("auth_secret", "sword fish");
        var inbox = new Inbox();
        try (var auth = new AuthServer(GRANT);
                var broker = broker(auth);
                var consumer = new Consumer(
                        "events", "archive", options, Sources.brokers(List.of(broker.tcpAddress())), inbox)) {
            publish(broker, options);
            consumer.start();

            inbox.await("x");

            assertThat(auth.requests())
                    .hasSize(2)
                    .allMatch(request -> request.contains("&secret=sword+fish&tls=false"));
        }
    }

    @Test
    void aBrokerThatRequiresAuthIsNotTriedWithoutASecret() throws Exception {
        try (var auth = new AuthServer(GRANT);
                var broker = broker(auth)) {
            assertThatThrownBy(() -> publish(broker, OPTIONS))
                    .hasMessage("the broker requires AUTH (expected: the option auth_secret)");

            assertThat(auth.requests()).isEmpty();
        }
    }

    @Test
    void aRefusalIsToldAsTheBrokerTellsIt() throws Exception {
        try (var auth = new AuthServer(GRANT);
                var broker = broker(auth)) {
            auth.status(403);

            assertThatThrownBy(() -> publish(broker, OPTIONS.with("auth_secret", "wrong")))
                    .hasMessage("AUTH was answered E_AUTH_FAILED AUTH failed");
        }
    }

    @Test
    void aBrokerThatRequiresNoneIsNotToldTheSecret() throws Exception {
        try (var broker = new LiveBroker(data)) {
            broker.createChannel("events", "archive");

            publish(broker, OPTIONS.with("auth_secret", "swordfish"));

            broker.await("events", "archive", "depth", 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"swordfish, true, Bearer swordfish", "swordfish, false,", "'', true,"})
    void lookupsAreToldTheSecretUnlessThatIsSwitchedOff(String secret, String told, @Nullable String header)
            throws Exception {
        BlockingQueue<List<String>> headers = new LinkedBlockingQueue<>();
        var lookup = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        lookup.createContext("/lookup", exchange -> {
            headers.add(exchange.getRequestHeaders().getOrDefault("Authorization", List.of()));
            var answer = "{\"channels\":[],\"producers\":[]}".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        lookup.start();
        var options = OPTIONS.with("auth_secret", secret).with("skip_lookupd_authorization", told);
        var sources = Sources.lookups(List.of("127.0.0.1:" + lookup.getAddress().getPort()));
        try (var consumer = new Consumer("events", "archive", options, sources, new Inbox())) {
            consumer.start();

            assertThat(headers.poll(10, TimeUnit.SECONDS)).isEqualTo(header == null ? List.of() : List.of(header));
        } finally {
            lookup.stop(0);
        }
    }
}
