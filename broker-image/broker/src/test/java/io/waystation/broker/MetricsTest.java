package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static io.waystation.broker.TestClient.pub;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
    private static final Pattern SAMPLE =
            Pattern.compile("([a-z_]+)(\\{[a-z_]+=\"[^\"\\\\]*\"(,[a-z_]+=\"[^\"\\\\]*\")*\\})? (-?[0-9][0-9.E-]*)");

    @TempDir
    Path data;

    private static String page(TestBroker broker) throws IOException {
        var answer = broker.get("/metrics");
        assertThat(answer.status()).isEqualTo(200);
        return answer.body();
    }

    private static double value(String page, String series) {
        for (var line : page.split("\n", -1)) {
            if (line.startsWith(series + " ")) {
                return Double.parseDouble(line.substring(series.length() + 1));
            }
        }
        throw new AssertionError("no " + series + " in\n" + page);
    }

    @Test
    void everyLineIsOfTheFamilyAboveItAndNoSeriesComesTwice() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 1)) {
            client.send(pub("t", "x"));
            client.expect("OK");

            var page = page(broker);

            var seen = new HashSet<String>();
            var families = new HashSet<String>();
            String family = "";
            for (var line : page.lines().toList()) {
                if (line.startsWith("# TYPE ")) {
                    family = line.split(" ", 4)[2];
                    assertThat(families.add(family)).as(family).isTrue();
                } else if (!line.startsWith("# HELP ")) {
                    var sample = SAMPLE.matcher(line);
                    assertThat(sample.matches()).as(line).isTrue();
                    assertThat(sample.group(1).replaceAll("_(bucket|count|sum)$", ""))
                            .as(line)
                            .isEqualTo(family.replaceAll("_(bucket|count|sum)$", ""));
                    assertThat(seen.add(line.substring(0, line.lastIndexOf(' '))))
                            .as(line)
                            .isTrue();
                }
            }
            assertThat(page).endsWith("\n");
            assertThat(families).contains("waystation_loop_pass_seconds", "process_cpu_seconds_total");
        }
    }

    @Test
    void messagesAreCountedOnTheirWay() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 2)) {
            client.send(mpub("t", "one", "three", "2"));
            client.expect("OK");
            client.finish(client.message());
            client.send("REQ " + client.message().id() + " 60000\n");
            client.message();
            client.send("NOP\nMPUB t\n" + TestClient.sized("\0\0\0\1" + TestClient.sized("x")));
            client.expect("OK");
            client.message();

            var page = page(broker);

            assertThat(value(page, "waystation_topic_messages_published_total{topic=\"t\"}"))
                    .isEqualTo(4);
            assertThat(value(page, "waystation_topic_published_bytes_total{topic=\"t\"}"))
                    .isEqualTo(10);
            assertThat(value(page, "waystation_topic_log_segments{topic=\"t\"}"))
                    .isEqualTo(1);
            assertThat(value(page, "waystation_topic_log_bytes{topic=\"t\"}")).isGreaterThan(10);
            var labels = "{topic=\"t\",channel=\"c\"}";
            assertThat(value(page, "waystation_channel_messages_delivered_total" + labels))
                    .isEqualTo(4);
            assertThat(value(page, "waystation_channel_messages_finished_total" + labels))
                    .isEqualTo(1);
            assertThat(value(page, "waystation_channel_messages_requeued_total" + labels))
                    .isEqualTo(1);
            assertThat(value(page, "waystation_channel_in_flight" + labels)).isEqualTo(2);
            assertThat(value(page, "waystation_channel_deferred" + labels)).isEqualTo(1);
            assertThat(value(page, "waystation_channel_consumers" + labels)).isEqualTo(1);
            assertThat(value(page, "waystation_connections")).isEqualTo(1);
            assertThat(value(page, "waystation_received_bytes_total")).isGreaterThan(100);
            assertThat(value(page, "waystation_sent_bytes_total")).isGreaterThan(100);
            assertThat(value(page, "waystation_loop_pass_seconds_count{loop=\"0\"}"))
                    .isGreaterThan(3);
            assertThat(value(page, "waystation_disk_write_seconds_count")).isGreaterThan(1);
        }
    }

    @Test
    void aTopicThatIsDeletedHasNoSeriesAnyMore() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            broker.post("/channel/create?topic=gone&channel=c", "");
            broker.post("/topic/create?topic=gone", "");
            broker.post("/channel/create?topic=gone&channel=c", "");
            assertThat(page(broker)).contains("{topic=\"gone\"}", "{topic=\"gone\",channel=\"c\"}");

            broker.post("/topic/delete?topic=gone", "");

            assertThat(page(broker)).doesNotContain("gone");
        }
    }

    @Test
    void topicsBeyondTheLimitAreSummed() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--metrics-max-series=9")) {
            for (var topic : new String[] {"a", "b", "c"}) {
                broker.post("/pub?topic=" + topic, "message");
            }

            var page = page(broker);

            assertThat(value(page, "waystation_topic_messages_published_total{topic=\"a\"}"))
                    .isEqualTo(1);
            assertThat(value(page, "waystation_topic_messages_published_total{topic=\"(other)\"}"))
                    .isEqualTo(2);
            assertThat(value(page, "waystation_topic_depth{topic=\"(other)\"}")).isEqualTo(2);
            assertThat(value(page, "waystation_metrics_summed{kind=\"topic\"}")).isEqualTo(2);
            assertThat(page).doesNotContain("topic=\"b\"");
        }
    }

    @Test
    void refusedPublishesAreCountedByReason() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var invalid = TestClient.open(broker.port());
                var cordoned = TestClient.open(broker.port())) {
            broker.post("/topic/create?topic=t", "");
            broker.post("/pub?topic=t", "");
            invalid.send("PUB t\n\0\0\0\0");
            assertThat(invalid.lastResponseBeforeClose()).startsWith("E_BAD_MESSAGE");
            broker.send("PUT", "/waystation/v1/drain", "{\"cordoned\":true}");
            broker.post("/pub?topic=t", "x");
            cordoned.send(pub("t", "x"));
            assertThat(cordoned.lastResponseBeforeClose()).startsWith("E_PUB_FAILED");

            var page = page(broker);

            assertThat(value(page, "waystation_publishes_refused_total{reason=\"invalid\"}"))
                    .isEqualTo(2);
            assertThat(value(page, "waystation_publishes_refused_total{reason=\"cordoned\"}"))
                    .isEqualTo(2);
            assertThat(value(page, "waystation_protocol_errors_total{code=\"E_BAD_MESSAGE\"}"))
                    .isEqualTo(1);
            assertThat(value(page, "waystation_protocol_errors_total{code=\"E_PUB_FAILED\"}"))
                    .isEqualTo(1);
            assertThat(value(page, "waystation_cordoned")).isEqualTo(1);
            assertThat(value(page, "waystation_http_requests_total{code=\"4xx\"}"))
                    .isEqualTo(1);
            assertThat(value(page, "waystation_http_requests_total{code=\"5xx\"}"))
                    .isEqualTo(1);
        }
    }
}
