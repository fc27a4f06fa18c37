package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static io.waystation.broker.TestClient.pub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a consumer asks for, and what it may not have.
class ConsumerLimitsTest {
    @TempDir
    Path data;

    @Test
    void oneConsumerMoreThanTheLimitIsRefused() throws Exception {
        try (var broker = new TestBroker(data, "--max-channel-consumers=1");
                var first = TestClient.consumer(broker.port(), "t", "c", 0);
                var second = TestClient.open(broker.port());
                var elsewhere = TestClient.consumer(broker.port(), "t", "other", 0)) {
            second.send("SUB t c\n");

            assertThat(second.lastResponseBeforeClose())
                    .isEqualTo("E_SUB_FAILED SUB failed consumers for t:c exceeds limit of 1");
            first.endInput();
            Awaitility.await("the first to be gone")
                    .until(() ->
                            !broker.get("/stats?format=json&channel=c").body().contains("remote_address"));
            TestClient.consumer(broker.port(), "t", "c", 0).close();
            elsewhere.send("CLS\n");
            elsewhere.expect("CLOSE_WAIT");
        }
    }

    @Test
    void samplingGivesAboutItsShare() throws Exception {
        int messages = 10_000;
        var bodies = IntStream.range(0, messages).mapToObj(Integer::toString).toArray(String[]::new);
        try (var broker = new TestBroker(data, "--max-rdy-count=10000");
                var client = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n" + sized("{\"sample_rate\":42}") + "SUB t c\n" + mpub("t", bodies));
            client.expect("OK");
            client.expect("OK");
            client.expect("OK");
            client.send("RDY 10000\n");

            Awaitility.await("an empty channel")
                    .until(() ->
                            broker.get("/stats?format=json").body().contains("\"depth\":0,\"backend_depth\":0,\"in_f"));

            var stats = broker.get("/stats?format=json").body();
            int share = Integer.parseInt(stats.replaceAll("(?s).*\"in_flight_count\":(\\d+),\"deferred.*", "$1"));
            assertThat(share).isBetween(messages * 37 / 100, messages * 48 / 100);
            assertThat(stats).contains("\"sample_rate\":42");
        }
    }

    /// The patient one's buffer would by itself hold everything beyond a client's patience.
    @Test
    void aLoneMessageWaitsForTheOutputBufferAndAnAnswerTakesItAlong() throws Exception {
        try (var broker = new TestBroker(data);
                var patient = buffered(broker, "patient", 30_000);
                var hurried = buffered(broker, "hurried", 300);
                var producer = TestClient.open(broker.port())) {
            producer.send(pub("t", "held"));
            producer.expect("OK");

            assertThat(hurried.message().body()).isEqualTo("held");
            assertThat(patient.hasInput()).isFalse();
            patient.send("FIN 0123456789abcdef\n");
            assertThat(patient.message().body()).isEqualTo("held");
        }
    }

    /// A consumer whose messages may wait for others for so long.
    private static TestClient buffered(TestBroker broker, String channel, int timeoutMs) throws Exception {
        var client = TestClient.open(broker.port());
        client.send("IDENTIFY\n"
                + sized("{\"output_buffer_timeout\":" + timeoutMs + ",\"output_buffer_size\":65536}") + "SUB t "
                + channel + "\nRDY 10\n");
        client.expect("OK");
        client.expect("OK");
        return client;
    }

    @Test
    void aFullWindowGetsWhatIsHeldBackOnceHalfOfItIsFinished() throws Exception {
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port())) {
            // A buffer that by itself would hold everything beyond the client's patience.
            client.send("IDENTIFY\n" + sized("{\"output_buffer_timeout\":30000,\"output_buffer_size\":65536}")
                    + "SUB t c\n" + mpub("t", "1", "2", "3", "4", "5", "6"));
            client.expect("OK");
            client.expect("OK");
            client.expect("OK");
            client.send("RDY 4\n");
            var first = client.message();
            var second = client.message();
            client.message();
            client.message();

            client.finish(first);
            client.finish(second);

            assertThat(client.message().body()).isEqualTo("5");
            assertThat(client.message().body()).isEqualTo("6");
        }
    }

    @Test
    void aMessageTimeoutOfItsOwnFiresWithinItsBounds() throws Exception {
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n" + sized("{\"feature_negotiation\":true,\"msg_timeout\":1000}") + "SUB t c\n"
                    + pub("t", "x"));
            assertThat(client.response()).contains("\"msg_timeout\":1000");
            client.expect("OK");
            client.expect("OK");
            client.send("RDY 1\n");
            client.message();

            var second = client.message();

            assertThat(second.attempts()).isEqualTo(2);
            assertThat(broker.get("/stats?format=json").body()).contains("\"requeue_count\":0,\"timeout_count\":1");
        }
    }
}
