package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import io.waystation.log.DiskFiles;
import io.waystation.log.FileStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A broker in this process on free ports, and its HTTP API.
public final class TestBroker implements TestDaemon {
    private final Broker broker;
    private final HttpClient http = HttpClient.newHttpClient();

    public TestBroker(Path data, String... flags) throws IOException, UsageException {
        this(new DiskFiles(), data, flags);
    }

    TestBroker(FileStore files, Path data, String... flags) throws IOException, UsageException {
        var arguments = new ArrayList<>(List.of(
                "--tcp-address=127.0.0.1:0",
                "--http-address=127.0.0.1:0",
                "--broadcast-address=127.0.0.1",
                "--min-free-bytes=0",
                "--node-id=1",
                "--data-path=" + data));
        arguments.addAll(List.of(flags));
        broker = Broker.start(BrokerOptions.table().parse(arguments.toArray(String[]::new)), files);
    }

    /// A copy of a running broker's data directory: what the end of its process would leave at this moment.
    static Path killedCopy(Path data, Path target) throws IOException {
        try (var paths = Files.walk(data)) {
            for (var source : paths.toList()) {
                var copy = target.resolve(data.relativize(source).toString());
                if (Files.isDirectory(source)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(source, copy);
                }
            }
        }
        return target;
    }

    @Override
    public int port() {
        return broker.tcpPort();
    }

    @Override
    public int httpPort() {
        return broker.httpPort();
    }

    int httpsPort() {
        return broker.httpsPort();
    }

    record Answer(int status, String body) {}

    Answer get(String path) throws IOException {
        return send("GET", path, "");
    }

    Answer post(String path, String body) throws IOException {
        return send("POST", path, body);
    }

    Answer send(String method, String path, String body) throws IOException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + broker.httpPort() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(answer.statusCode(), answer.body());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
    }

    /// Publishes and consumes on two connections of their own, everything answered and delivered.
    void exchange(int messages) throws IOException {
        try (var producer = TestClient.open(port());
                var consumer = TestClient.consumer(port(), "healthy", "c", 1)) {
            for (int i = 0; i < messages; i++) {
                producer.send(TestClient.pub("healthy", "message " + i));
                producer.expect("OK");
                var message = consumer.message();
                assertThat(message.body()).isEqualTo("message " + i);
                consumer.finish(message);
            }
        }
    }

    @Override
    public void close() throws IOException {
        http.close();
        broker.close();
    }
}
