package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static io.waystation.broker.TestClient.pub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryTest {
    @TempDir
    Path data;

    @Test
    void aMessageComesAsItWasPublished() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var producer = TestClient.open(broker.port());
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            producer.send(pub("t", "hello"));
            producer.expect("OK");

            var message = consumer.message();

            assertThat(message.body()).isEqualTo("hello");
            assertThat(message.attempts()).isEqualTo(1);
            assertThat(message.id()).matches("[0-9a-f]{16}");
        }
    }

    @Test
    void theFirstChannelGetsTheBacklogAndLaterOnesWhatFollows() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var producer = TestClient.open(broker.port())) {
            producer.send(pub("t", "before"));
            producer.expect("OK");
            try (var first = TestClient.consumer(broker.port(), "t", "first", 10);
                    var second = TestClient.consumer(broker.port(), "t", "second", 1)) {
                producer.send(pub("t", "after"));
                producer.expect("OK");

                assertThat(first.message().body()).isEqualTo("before");
                assertThat(first.message().body()).isEqualTo("after");
                assertThat(second.message().body()).isEqualTo("after");
            }
        }
    }

    @Test
    void whatComesWhileTheTopicIsBeingMadeIsReadAfterwards() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--loops=3");
                var producer = TestClient.open(broker.port())) {
            for (int i = 0; i < 20; i++) {
                try (var consumer = TestClient.open(broker.port())) {
                    consumer.send("SUB t" + i + " c\n");
                    consumer.send("RDY 1\n");
                    consumer.expect("OK");
                    producer.send(pub("t" + i, "x"));
                    producer.expect("OK");

                    assertThat(consumer.message().body()).isEqualTo("x");
                }
            }
        }
    }

    @Test
    void readyCountIsAWindow() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 2)) {
            client.send(mpub("t", "1", "2", "3"));
            client.expect("OK");
            client.message();
            client.message();
            assertThat(stats(broker)).contains("\"depth\":1,", "\"in_flight_count\":2");
        }
    }

    @Test
    void whatIsNotFinishedComesBack() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n" + sized("{\"msg_timeout\":1000}") + "SUB t c\n" + pub("t", "again"));
            client.expect("OK");
            client.expect("OK");
            client.expect("OK");
            client.send("RDY 1\n");
            var first = client.message();
            var second = client.message();
            client.send("REQ " + second.id() + " 0\n");

            var third = client.message();

            assertThat(second.attempts()).isEqualTo(2);
            assertThat(third.attempts()).isEqualTo(3);
            assertThat(third.id()).isEqualTo(first.id());
            assertThat(third.timestampNs()).isEqualTo(first.timestampNs());
        }
    }

    @Test
    void messagesOfAConsumerThatLeavesGoToAnotherAtOnce() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var producer = TestClient.open(broker.port())) {
            var leaving = TestClient.consumer(broker.port(), "t", "c", 1);
            producer.send(pub("t", "orphan"));
            producer.expect("OK");
            leaving.message();
            leaving.close();

            try (var heir = TestClient.consumer(broker.port(), "t", "c", 1)) {
                assertThat(heir.message().attempts()).isEqualTo(2);
            }
        }
    }

    @Test
    void everythingAcknowledgedIsThereAfterARestart() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 1)) {
            client.send(mpub("t", "1", "2", "3") + "DPUB t 1500\n" + sized("4"));
            client.expect("OK");
            client.expect("OK");
            client.finish(client.message());
            client.message();
        }

        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 10)) {
            var bodies = new TreeSet<String>();
            while (bodies.size() < 3) {
                var message = client.message();
                client.finish(message);
                bodies.add(message.body());
            }

            assertThat(bodies).containsExactly("2", "3", "4");
        }
    }

    @Test
    void manyLoopsKeepOrderOfAnswersAndLoseNothing() throws IOException, UsageException {
        int topics = 12;
        int rounds = 300;
        try (var broker = new TestBroker(data, "--loops=4");
                var producer = TestClient.open(broker.port())) {
            for (int round = 0; round < rounds; round++) {
                var commands = new StringBuilder();
                for (int topic = 0; topic < topics; topic++) {
                    commands.append(
                            round % 3 == 0
                                    ? mpub("t" + topic, round + "a", round + "b")
                                    : pub("t" + topic, round + "c"));
                }
                producer.send(commands.toString());
            }
            for (int i = 0; i < topics * rounds; i++) {
                producer.expect("OK");
            }
            for (int topic = 0; topic < topics; topic++) {
                try (var consumer = TestClient.consumer(broker.port(), "t" + topic, "c", 50)) {
                    var bodies = new TreeSet<String>();
                    while (bodies.size() < rounds / 3 * 4) {
                        var message = consumer.message();
                        consumer.finish(message);
                        bodies.add(message.body());
                    }
                }
            }
        }
    }

    @Test
    void deletingAChannelClosesItsConsumersAndAnEphemeralOneGoesWithItsLast() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            var ephemeral = TestClient.consumer(broker.port(), "t", "e#ephemeral", 1);
            assertThat(stats(broker)).contains("e#ephemeral");
            ephemeral.send("CLS\n");
            ephemeral.expect("CLOSE_WAIT");
            ephemeral.endInput();
            assertThat(ephemeral.lastResponseBeforeClose()).isNull();

            assertThat(broker.post("/channel/delete?topic=t&channel=c", "").status())
                    .isEqualTo(200);

            assertThat(consumer.lastResponseBeforeClose()).isNull();
            assertThat(stats(broker)).doesNotContain("channel_name");
        }
    }

    @Test
    void emptyAndPauseWorkOverHttp() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            assertThat(broker.post("/topic/create?topic=t", "").status()).isEqualTo(200);
            assertThat(broker.post("/channel/create?topic=t&channel=c", "").status())
                    .isEqualTo(200);
            assertThat(broker.post("/pub?topic=t", "x").body()).isEqualTo("OK");
            assertThat(broker.post("/channel/empty?topic=t&channel=c", "").status())
                    .isEqualTo(200);
            assertThat(broker.post("/topic/pause?topic=t", "").status()).isEqualTo(200);
            assertThat(broker.post("/mpub?topic=t", "y\nz\n").body()).isEqualTo("OK");

            assertThat(stats(broker))
                    .contains("\"depth\":0,\"backend_depth\":0,\"in_flight_count\"", "\"depth\":2", "\"paused\":true");

            assertThat(broker.post("/topic/unpause?topic=t", "").status()).isEqualTo(200);
            try (var client = TestClient.consumer(broker.port(), "t", "c", 1)) {
                assertThat(client.message().body()).isEqualTo("y");
            }
        }
    }

    @Test
    void httpErrorsAreNsqds() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--max-msg-size=10")) {
            assertThat(broker.post("/pub?topic=t", "01234567890")).isEqualTo(error(413, "MSG_TOO_BIG"));
            assertThat(broker.post("/pub?topic=t", "")).isEqualTo(error(400, "MSG_EMPTY"));
            assertThat(broker.post("/pub", "x")).isEqualTo(error(400, "MISSING_ARG_TOPIC"));
            assertThat(broker.post("/pub?topic=a*b", "x")).isEqualTo(error(400, "INVALID_TOPIC"));
            assertThat(broker.post("/pub?topic=t&defer=x", "x")).isEqualTo(error(400, "INVALID_DEFER"));
            assertThat(broker.post("/channel/create?topic=none&channel=c", ""))
                    .isEqualTo(error(404, "TOPIC_NOT_FOUND"));
            assertThat(broker.post("/channel/create?topic=t", "")).isEqualTo(error(400, "MISSING_ARG_CHANNEL"));
            assertThat(broker.get("/pub")).isEqualTo(error(405, "METHOD_NOT_ALLOWED"));
            assertThat(broker.get("/nothing")).isEqualTo(error(404, "NOT_FOUND"));
            assertThat(broker.get("/config/max_msg_size").body()).isEqualTo("10");
            assertThat(broker.get("/config/nope")).isEqualTo(error(400, "INVALID_OPTION"));
        }
    }

    @Test
    void aCordonedBrokerRefusesAndGoesOnDelivering() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var producer = TestClient.open(broker.port());
                var consumer = TestClient.consumer(broker.port(), "t", "c", 0)) {
            producer.send(pub("t", "last"));
            producer.expect("OK");
            assertThat(broker.send("PUT", "/waystation/v1/drain", "{\"cordoned\":true}")
                            .body())
                    .contains("\"cordoned\":true", "\"unfinished\":1");
            producer.send(pub("t", "refused"));
            assertThat(producer.lastResponseBeforeClose()).isEqualTo("E_PUB_FAILED PUB failed cordoned");
            assertThat(broker.post("/pub?topic=t", "refused")).isEqualTo(error(503, "CORDONED"));

            consumer.send("RDY 1\n");
            consumer.finish(consumer.message());
            consumer.send("CLS\n");
            consumer.expect("CLOSE_WAIT");

            assertThat(broker.get("/waystation/v1/drain").body()).contains("\"unfinished\":0");
        }
    }

    private static TestBroker.Answer error(int status, String code) {
        return new TestBroker.Answer(status, "{\"message\":\"" + code + "\"}");
    }

    private static String stats(TestBroker broker) throws IOException {
        return broker.get("/stats?format=json&include_mem=false").body();
    }
}
