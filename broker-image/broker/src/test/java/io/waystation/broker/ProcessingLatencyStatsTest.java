package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// End-to-end processing latency, as `/stats` and `/metrics` show it.
class ProcessingLatencyStatsTest {
    @TempDir
    Path data;

    private static String json(TestBroker broker) throws IOException {
        return broker.get("/stats?format=json&include_mem=false&include_clients=false")
                .body();
    }

    private static void finishTwo(TestBroker broker, TestClient consumer) throws IOException {
        broker.post("/pub?topic=t", "1");
        broker.post("/pub?topic=t", "2");
        consumer.finish(consumer.message());
        consumer.finish(consumer.message());
        Awaitility.await("both are finished")
                .until(() -> json(broker).contains("\"in_flight_count\":0")
                        && json(broker).contains("\"depth\":0,\"backend_depth\":0,\"in_flight_count\""));
    }

    @Test
    void percentilesOfWhatWasFinishedAreShownForChannelAndTopic() throws IOException, UsageException {
        try (var broker = new TestBroker(
                        data,
                        "--e2e-processing-latency-percentile=0.5,1.0",
                        "--e2e-processing-latency-percentile=0.99");
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            finishTwo(broker, consumer);

            var latency =
                    "\"e2e_processing_latency\":\\{\"count\":2,\"percentiles\":\\[\\{\"quantile\":1,\"value\":\\d+},"
                            + "\\{\"quantile\":0.99,\"value\":\\d+},\\{\"quantile\":0.5,\"value\":\\d+}]}";
            assertThat(json(broker)).containsPattern("(?s)" + latency + ".*" + latency);
            assertThat(broker.get("/stats").body())
                    .containsPattern("\\[c .*e2e%: [0-9.]+(ns|us|ms|s), [0-9.]+(ns|us|ms|s), [0-9.]+(ns|us|ms|s)\n");
        }
    }

    @Test
    void nothingIsMeasuredUnlessAskedFor() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            finishTwo(broker, consumer);

            assertThat(json(broker)).contains("\"e2e_processing_latency\":{\"count\":0,\"percentiles\":null}");
            assertThat(broker.get("/config/e2e_processing_latency_percentiles").body())
                    .isEqualTo("[]");
        }
    }

    @Test
    void theWindowForgets() throws IOException, UsageException {
        try (var broker = new TestBroker(
                        data, "--e2e-processing-latency-percentile=0.5", "--e2e-processing-latency-window-time=20ms");
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            finishTwo(broker, consumer);

            Awaitility.await("the window is empty again")
                    .until(() -> json(broker).contains("\"count\":0,\"percentiles\":[{\"quantile\":0.5,\"value\":0}]"));
        }
    }

    @Test
    void metricsShowThePercentilesAsSummaries() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--e2e-processing-latency-percentile=0.5,1.0");
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            finishTwo(broker, consumer);

            var page = broker.get("/metrics").body();

            assertThat(page.lines().filter(line -> line.contains("_processing_latency_seconds")))
                    .filteredOn(line -> !line.startsWith("# HELP"))
                    .extracting(line -> line.replaceFirst(" [0-9.E-]+$", ""))
                    .containsExactly(
                            "# TYPE waystation_topic_processing_latency_seconds summary",
                            "waystation_topic_processing_latency_seconds{topic=\"t\",quantile=\"1.0\"}",
                            "waystation_topic_processing_latency_seconds{topic=\"t\",quantile=\"0.5\"}",
                            "# TYPE waystation_channel_processing_latency_seconds summary",
                            "waystation_channel_processing_latency_seconds{topic=\"t\",channel=\"c\",quantile=\"1.0\"}",
                            "waystation_channel_processing_latency_seconds{topic=\"t\",channel=\"c\",quantile=\"0.5\"}",
                            "waystation_channel_processing_latency_seconds_count{topic=\"t\",channel=\"c\"}",
                            "waystation_channel_processing_latency_seconds_sum{topic=\"t\",channel=\"c\"}");
            assertThat(page).contains("_latency_seconds_count{topic=\"t\",channel=\"c\"} 2\n");
        }
    }

    @Test
    void metricsShowNoLatencyWhereNothingWasFinishedAndNoneAtAllUnlessAskedFor() throws IOException, UsageException {
        try (var asked = new TestBroker(
                        Files.createDirectory(data.resolve("asked")), "--e2e-processing-latency-percentile=0.5");
                var other = new TestBroker(Files.createDirectory(data.resolve("other")))) {
            for (var broker : new TestBroker[] {asked, other}) {
                broker.post("/topic/create?topic=t", "");
                broker.post("/channel/create?topic=t&channel=c", "");
            }

            assertThat(asked.get("/metrics").body())
                    .contains("_seconds{topic=\"t\",channel=\"c\",quantile=\"0.5\"} NaN\n")
                    .contains("_latency_seconds_count{topic=\"t\",channel=\"c\"} 0\n");
            assertThat(other.get("/metrics").body()).doesNotContain("_latency_seconds{", "_latency_seconds_");
        }
    }
}
