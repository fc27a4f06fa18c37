package io.waystation.broker;

import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeduplicationTest {
    private static final String TOPIC = "/waystation/v1/topics/t";

    @TempDir
    Path data;

    @TempDir
    Path copy;

    @ParameterizedTest
    @ValueSource(strings = {"os", "disk"})
    void aSecondPublishWithTheKeyIsAnsweredAndNotStored(String flush) throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--flush=" + flush);
                var producer = TestClient.open(broker.port())) {
            // Two in one pass, too.
            producer.send("XPUB t dedup=a\n" + sized("1") + "XPUB t dedup=a\n" + sized("2") + "XPUB t dedup=b\n"
                    + sized("3"));
            producer.expect("OK");
            producer.expect("OK");
            producer.expect("OK");

            assertThat(broker.post("/pub?topic=t&dedup=a", "4").body()).isEqualTo("OK");
            assertThat(broker.post("/pub?topic=t&dedup=b&defer=60000", "5").body())
                    .isEqualTo("OK");

            assertThat(broker.get(TOPIC).body()).contains("\"endOffset\":2", "\"duplicates\":3", "\"deferred\":0");
        }
    }

    @Test
    void keysSurviveAKillAtAnyTimeAndARestart() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--max-bytes-per-file=4096");
                var consumer = TestClient.consumer(broker.port(), "t", "c", 100)) {
            broker.post("/pub?topic=t&dedup=first", "x".repeat(4000));
            consumer.finish(consumer.message());
            broker.post("/pub?topic=t&dedup=second", "x".repeat(4000));
            consumer.finish(consumer.message());
            broker.post("/pub?topic=t&dedup=later&defer=3600000", "x");
            broker.post("/pub?topic=t&dedup=third", "x");
            // The segments of the first two are deleted, and their keys count nevertheless.
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> broker.get(TOPIC).body().contains("\"startOffset\":2"));
            TestBroker.killedCopy(data, copy);
        }
        for (var left : new Path[] {copy, data}) {
            try (var broker = new TestBroker(left)) {
                for (var key : new String[] {"first", "second", "third", "later"}) {
                    assertThat(broker.post("/pub?topic=t&dedup=" + key, "again").body())
                            .isEqualTo("OK");
                }
                assertThat(broker.get(TOPIC).body()).contains("\"endOffset\":3", "\"duplicates\":4", "\"deferred\":1");
            }
        }
    }

    @Test
    void afterTheWindowAKeyIsNewAgain() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            broker.send("PUT", TOPIC, "{\"settings\":{\"deduplicationWindowMs\":50}}");
            broker.post("/pub?topic=t&dedup=a", "1");

            await().atMost(Duration.ofSeconds(10)).until(() -> {
                broker.post("/pub?topic=t&dedup=a", "2");
                return broker.get(TOPIC).body().contains("\"endOffset\":2");
            });
        }
    }

    @Test
    void withoutAWindowEveryPublishIsStored() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--deduplication-window=0s")) {
            broker.post("/pub?topic=t&dedup=a", "1");
            broker.post("/pub?topic=t&dedup=a", "2");

            assertThat(broker.get(TOPIC).body()).contains("\"endOffset\":2", "\"duplicates\":0");
            assertThat(broker.post("/pub?topic=t&dedup=", "3").body()).contains("INVALID_DEDUP");
        }
    }
}
