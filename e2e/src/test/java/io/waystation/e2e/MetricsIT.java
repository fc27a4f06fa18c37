package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The metrics of broker and lookup as Prometheus's own parsers read them.
class MetricsIT {
    private static final Duration RUN_LIMIT = Duration.ofMinutes(1);
    private static final Path PROGRAM = Command.ROOT.resolve("e2e/clients/python/metrics.py");

    @TempDir
    Path data;

    private static void publish(Daemons daemons, String body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://" + daemons.brokerHttp() + "/pub?topic=orders"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try (var http = HttpClient.newHttpClient()) {
            assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).body())
                    .isEqualTo("OK");
        }
    }

    @Test
    void pagesOfBrokerAndLookupAreReadAsTextAndAsOpenMetrics() throws IOException, InterruptedException {
        try (var daemons = new Daemons(data)) {
            publish(daemons, "one");
            publish(daemons, "two");

            var found = Command.run(
                    data,
                    RUN_LIMIT,
                    ScriptClients.python().toString(),
                    PROGRAM.toString(),
                    daemons.brokerHttp(),
                    daemons.lookup());

            assertThat(found)
                    .contains("waystation_topic_messages_published_total {'topic': 'orders'} 2")
                    .containsPattern("families \\d\\d\\n(.*\\n)*families \\d\\d\\n");
        }
    }
}
