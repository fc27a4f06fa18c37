package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.nsqd.RecordedNsqd;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A broker that starts in the directory of an nsqd: clients find what they had.
class NsqdTakeoverTest {
    /// When the recorded messages were published.
    private static final long RECORDED_S = 1795633628L;

    @TempDir
    Path data;

    @BeforeEach
    void record() throws IOException {
        RecordedNsqd.copyTo(data);
    }

    private static List<String> orders(int from, int end) {
        return IntStream.range(from, end).mapToObj(i -> "order " + i).toList();
    }

    private static List<String> take(TestClient consumer, int count) throws IOException {
        var bodies = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            var message = consumer.message();
            bodies.add(message.body());
            consumer.finish(message);
        }
        return bodies;
    }

    private static String depths(TestBroker broker, String topic) throws IOException {
        return broker.get("/stats?include_mem=false&include_clients=false&topic=" + topic)
                .body()
                .replaceAll("(?s).*Topics:\n(.*)\n\nProducers.*", "$1")
                .replaceAll(" *be-depth.*", "");
    }

    @Test
    void depthsAndPausesAreThoseOfNsqd() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            assertThat(depths(broker, "orders")).isEqualTo("""
                            *P [orders         ] depth: 5
                               *P [audit                    ] depth: 41
                                  [billing                  ] depth: 10""");
            assertThat(depths(broker, "waiting")).isEqualTo("   [waiting        ] depth: 3");
            assertThat(depths(broker, "empty")).contains("[c                        ] depth: 0");
        }
    }

    @Test
    void eachChannelGetsItsOwnMessagesAndThenTheTopics() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var billing = TestClient.consumer(broker.port(), "orders", "billing", 100);
                var audit = TestClient.consumer(broker.port(), "orders", "audit", 100)) {
            assertThat(take(billing, 10)).containsExactlyInAnyOrderElementsOf(orders(30, 40));
            broker.post("/topic/unpause?topic=orders", "");
            broker.post("/channel/unpause?topic=orders&channel=audit", "");

            assertThat(take(billing, 5)).containsExactlyElementsOf(orders(40, 45));
            var ofAudit = take(audit, 46);
            assertThat(ofAudit).contains("later").containsAll(orders(0, 45)).doesNotHaveDuplicates();
            broker.post("/pub?topic=orders", "new");
            assertThat(take(billing, 1)).containsExactly("new");
            assertThat(take(audit, 1)).containsExactly("new");
        }
    }

    @Test
    void whatAChannelHasFinishedStaysFinishedOverRestarts() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var audit = TestClient.consumer(broker.port(), "orders", "audit", 10)) {
            broker.post("/channel/unpause?topic=orders&channel=audit", "");
            take(audit, 40);
            // Answered when the finishes before it are done.
            audit.send("CLS\n");
            audit.expect("CLOSE_WAIT");
        }

        try (var broker = new TestBroker(data);
                var audit = TestClient.consumer(broker.port(), "orders", "audit", 100)) {
            take(audit, 1);
            broker.post("/topic/unpause?topic=orders", "");

            assertThat(take(audit, 5)).containsExactlyElementsOf(orders(40, 45));
        }
    }

    @Test
    void theFirstChannelGetsWhatWaitedInTheTopicWithItsTime() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var consumer = TestClient.consumer(broker.port(), "waiting", "first", 10)) {
            var message = consumer.message();

            assertThat(message.body()).isEqualTo("a");
            assertThat(message.timestampNs() / 1_000_000_000L).isEqualTo(RECORDED_S);
        }
    }
}
