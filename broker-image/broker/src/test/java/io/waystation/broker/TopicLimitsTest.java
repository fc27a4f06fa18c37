package io.waystation.broker;

import static io.waystation.broker.TestClient.pub;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicLimitsTest {
    private static final TestBroker.Answer TOO_MANY_TOPICS =
            new TestBroker.Answer(503, "{\"message\":\"TOO_MANY_TOPICS\"}");
    private static final TestBroker.Answer TOO_MANY_CHANNELS =
            new TestBroker.Answer(503, "{\"message\":\"TOO_MANY_CHANNELS\"}");

    @TempDir
    Path data;

    private static @Nullable String error(TestBroker broker, String commands) throws IOException {
        try (var client = TestClient.open(broker.port())) {
            client.send(commands);
            return client.lastResponseBeforeClose();
        }
    }

    private static void createChannel(TestBroker broker, String topic, String channel) throws IOException {
        var path = "/channel/create?topic=" + topic + "&channel=" + channel;
        assertThat(broker.post(path, "").status()).isEqualTo(200);
    }

    @Test
    void oneTopicTooManyIsRefusedWhoeverAsks() throws Exception {
        try (var broker = new TestBroker(data, "--max-topics=2")) {
            broker.post("/topic/create?topic=a", "");
            broker.post("/topic/create?topic=b", "");

            assertThat(broker.post("/topic/create?topic=c", "")).isEqualTo(TOO_MANY_TOPICS);
            assertThat(broker.post("/pub?topic=c", "x")).isEqualTo(TOO_MANY_TOPICS);
            assertThat(error(broker, pub("c", "x")))
                    .isEqualTo("E_PUB_FAILED PUB failed too many topics: 3 (expected: at most 2, max-topics)");
            assertThat(error(broker, "SUB c c\n"))
                    .isEqualTo("E_SUB_FAILED SUB failed too many topics: 3 (expected: at most 2, max-topics)");
            assertThat(broker.send("PUT", "/waystation/v1/topics/c", "{}").body())
                    .isEqualTo("{\"code\":\"TOO_MANY_TOPICS\",\"message\":\"too many topics: 3"
                            + " (expected: at most 2, max-topics)\"}");
            assertThat(broker.get("/metrics").body())
                    .contains("\nwaystation_creations_refused_total{kind=\"topic\"} 5\n", "\nwaystation_topics 2\n");
            assertThat(data.resolve("shards/1/topics/c")).doesNotExist();
        }
    }

    @Test
    void aTopicThatGoesMakesRoomForAnother() throws Exception {
        try (var broker = new TestBroker(data, "--max-topics=1")) {
            broker.post("/topic/create?topic=a", "");
            broker.post("/topic/delete?topic=a", "");

            assertThat(broker.post("/topic/create?topic=b", "").status()).isEqualTo(200);
        }
    }

    @Test
    void oneChannelOfATopicTooManyIsRefusedWhoeverAsks() throws Exception {
        try (var broker = new TestBroker(data, "--max-topic-channels=1")) {
            broker.post("/topic/create?topic=t", "");
            createChannel(broker, "t", "a");
            createChannel(broker, "t", "a");

            var cause = "too many channels of topic t: 2 (expected: at most 1, max-topic-channels)";
            assertThat(broker.post("/channel/create?topic=t&channel=b", "")).isEqualTo(TOO_MANY_CHANNELS);
            assertThat(error(broker, "SUB t b\n")).isEqualTo("E_SUB_FAILED SUB failed " + cause);
            assertThat(broker.send("PUT", "/waystation/v1/topics/t/channels/b", "{}")
                            .body())
                    .isEqualTo("{\"code\":\"TOO_MANY_CHANNELS\",\"message\":\"" + cause + "\"}");
            assertThat(broker.get("/metrics").body())
                    .contains("\nwaystation_creations_refused_total{kind=\"channel\"} 3\n");
        }
    }

    @Test
    void channelsOfAllTopicsAreBoundedTogetherAndThoseThatGoMakeRoom() throws Exception {
        try (var broker = new TestBroker(data, "--max-channels=2")) {
            for (var topic : new String[] {"s", "t"}) {
                broker.post("/topic/create?topic=" + topic, "");
                createChannel(broker, topic, "a");
            }
            assertThat(broker.post("/channel/create?topic=t&channel=b", "")).isEqualTo(TOO_MANY_CHANNELS);
            assertThat(error(broker, "SUB t b\n"))
                    .isEqualTo("E_SUB_FAILED SUB failed too many channels: 3 (expected: at most 2, max-channels)");

            broker.post("/channel/delete?topic=t&channel=a", "");
            createChannel(broker, "t", "b");
            broker.post("/topic/delete?topic=s", "");

            createChannel(broker, "t", "c");
        }
    }

    @Test
    void whatIsStoredIsServedWhateverTheLimitsSay() throws Exception {
        try (var broker = new TestBroker(data)) {
            for (var topic : new String[] {"s", "t"}) {
                broker.post("/topic/create?topic=" + topic, "");
                createChannel(broker, topic, "a");
                createChannel(broker, topic, "b");
            }
        }
        try (var broker = new TestBroker(data, "--max-topics=1", "--max-topic-channels=1", "--max-channels=1")) {
            assertThat(broker.get("/metrics").body()).contains("\nwaystation_topics 2\n", "\nwaystation_channels 4\n");
            assertThat(broker.post("/pub?topic=s", "x").status()).isEqualTo(200);
            assertThat(broker.post("/channel/create?topic=s&channel=c", "")).isEqualTo(TOO_MANY_CHANNELS);
        }
    }

    @Test
    void theLimitsChangeWhileTheBrokerRuns() throws Exception {
        try (var broker = new TestBroker(data, "--max-topics=1")) {
            broker.post("/topic/create?topic=a", "");
            assertThat(broker.post("/topic/create?topic=b", "")).isEqualTo(TOO_MANY_TOPICS);

            broker.send("PUT", "/waystation/v1/settings", "{\"max-topics\":\"2\"}");

            assertThat(broker.post("/topic/create?topic=b", "").status()).isEqualTo(200);
        }
    }
}
