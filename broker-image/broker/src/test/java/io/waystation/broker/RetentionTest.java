package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
    private static final String TOPIC = "/waystation/v1/topics/t";
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String BODY = "x".repeat(1000);

    @TempDir
    Path data;

    @Test
    void whatEveryChannelIsPastIsDeletedEvenWhenNothingIsPublishedAnyMore() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--max-bytes-per-file=4096");
                var consumer = TestClient.consumer(broker.port(), "t", "c", 100)) {
            publish(broker, 20);
            for (int i = 0; i < 20; i++) {
                consumer.finish(consumer.message());
            }

            await().atMost(LIMIT).until(() -> number(broker, "startOffset") >= 12);
            assertThat(number(broker, "endOffset")).isEqualTo(20);
        }
    }

    @Test
    void oldSegmentsOfAnIdleTopicAreRolledAndDeleted() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--max-age-per-file=200ms");
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            publish(broker, 1);
            consumer.finish(consumer.message());

            await().atMost(LIMIT).until(() -> number(broker, "sizeBytes") == 0);
            assertThat(number(broker, "startOffset")).isEqualTo(1);
        }
        try (var broker = new TestBroker(data)) {
            publish(broker, 1);
            assertThat(number(broker, "endOffset")).isEqualTo(2);
        }
    }

    @Test
    void boundedBySizeKeepsHistoryAndCountsWhatAChannelLoses() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var slow = TestClient.consumer(broker.port(), "t", "slow", 1)) {
            bounded(broker, "\"sizeBytes\":40000");
            publish(broker, 10);
            var held = slow.message();

            publish(broker, 190);

            await().atMost(LIMIT).until(() -> number(broker, "sizeBytes") < 50_000);
            var topic = broker.get(TOPIC).body();
            long start = number(topic, "startOffset");
            assertThat(number(topic, "sizeBytes")).isGreaterThanOrEqualTo(40_000);
            assertThat(topic).contains("\"deletedCount\":" + start, "\"floor\":" + start);
            assertThat(Long.parseLong(slow.message().id().substring(4), 16)).isPositive();
            slow.finish(held);
            slow.expect("E_FIN_FAILED FIN " + held.id() + " failed ID not in flight");
        }
    }

    @Test
    void boundedByTimeDeletesWithoutAChannelAndWhileIdle() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            publish(broker, 5);
            bounded(broker, "\"timeMs\":300");

            await().atMost(LIMIT).until(() -> number(broker, "startOffset") == 5);

            assertThat(broker.get(TOPIC).body()).contains("\"deletedCount\":5", "\"depth\":0");
            assertThat(number(broker, "sizeBytes")).isZero();
        }
    }

    @Test
    void boundedKeepsWhatIsConsumedForReplayAcrossARestart() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--max-bytes-per-file=4096");
                var consumer = TestClient.consumer(broker.port(), "t", "c", 100)) {
            bounded(broker, "\"timeMs\":3600000");
            publish(broker, 20);
            for (int i = 0; i < 20; i++) {
                consumer.finish(consumer.message());
            }
        }
        try (var broker = new TestBroker(data);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            assertThat(number(broker, "startOffset")).isZero();
            broker.post(TOPIC + "/channels/c/seek", "{\"to\":\"earliest\"}");

            assertThat(consumer.message().body()).isEqualTo(BODY);
        }
    }

    private static void bounded(TestBroker broker, String bound) throws IOException {
        var answer = broker.send("PUT", TOPIC, "{\"settings\":{\"retention\":{\"policy\":\"Bounded\"," + bound + "}}}");
        assertThat(answer.status()).isEqualTo(200);
    }

    private static void publish(TestBroker broker, int count) throws IOException {
        try (var producer = TestClient.open(broker.port())) {
            for (int i = 0; i < count; i++) {
                producer.send(mpub("t", BODY));
                producer.expect("OK");
            }
        }
    }

    private static long number(TestBroker broker, String key) throws IOException {
        return number(broker.get(TOPIC).body(), key);
    }

    private static long number(String body, String key) {
        int at = body.indexOf("\"" + key + "\":") + key.length() + 3;
        int end = at;
        while (Character.isDigit(body.charAt(end))) {
            end++;
        }
        return Long.parseLong(body.substring(at, end));
    }
}
