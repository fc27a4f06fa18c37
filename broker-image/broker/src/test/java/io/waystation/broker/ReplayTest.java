package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static io.waystation.broker.TestClient.pub;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
    private static final String SEEK = "/waystation/v1/topics/t/channels/c/seek";

    @TempDir
    Path data;

    @TempDir
    Path copy;

    @Test
    void seekToEarliestTakesInFlightMessagesAlongAndLateAnswersAreRefused() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 2)) {
            client.send(mpub("t", "0", "1", "2"));
            client.expect("OK");
            client.finish(client.message());
            var held = client.message();
            client.message();

            assertThat(broker.post(SEEK, "{\"to\":\"earliest\"}").body()).contains("\"floor\":0", "\"inFlight\":");

            assertThat(client.message().body()).isEqualTo("0");
            var again = client.message();
            assertThat(again.body()).isEqualTo("1");
            assertThat(again.attempts()).isEqualTo(1);
            assertThat(again.id()).isNotEqualTo(held.id());
            client.finish(held);
            client.expect("E_FIN_FAILED FIN " + held.id() + " failed ID not in flight");
            client.finish(again);
            assertThat(client.message().body()).isEqualTo("2");
        }
    }

    @Test
    void seekToAnOffsetSurvivesAKill() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 10)) {
            client.send(mpub("t", "0", "1", "2", "3"));
            client.expect("OK");
            for (int i = 0; i < 4; i++) {
                client.finish(client.message());
            }
            client.send("RDY 0\n" + pub("t", "4"));
            client.expect("OK");
            assertThat(broker.post(SEEK, "{\"to\":\"offset\",\"offset\":2}").status())
                    .isEqualTo(200);
            TestBroker.killedCopy(data, copy);
        }
        try (var broker = new TestBroker(copy);
                var client = TestClient.consumer(broker.port(), "t", "c", 3)) {
            assertThat(client.message().body()).isEqualTo("2");
            assertThat(client.message().body()).isEqualTo("3");
            assertThat(client.message().body()).isEqualTo("4");
        }
    }

    @Test
    void seekToATimeFindsTheFirstMessageAsYoung() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 1)) {
            client.send(pub("t", "old"));
            client.expect("OK");
            var old = client.message();
            client.finish(old);
            TestClient.Message young = old;
            while (young.timestampNs() == old.timestampNs()) {
                client.send(pub("t", "young"));
                client.expect("OK");
                young = client.message();
                client.finish(young);
            }

            broker.post(SEEK, "{\"to\":\"time\",\"timeMs\":" + young.timestampNs() / 1_000_000 + "}");

            var again = client.message();
            assertThat(again.timestampNs()).isEqualTo(young.timestampNs());
            assertThat(again.body()).isEqualTo("young");
        }
    }

    @Test
    void seekToLatestPassesOverWhatWaits() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 0)) {
            client.send(mpub("t", "0", "1"));
            client.expect("OK");

            assertThat(broker.post(SEEK, "{\"to\":\"latest\"}").body()).contains("\"depth\":0", "\"floor\":2");

            client.send(pub("t", "new") + "RDY 1\n");
            client.expect("OK");
            assertThat(client.message().body()).isEqualTo("new");
        }
    }

    @Test
    void whatCannotBeIsRefused() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            assertThat(broker.post(SEEK, "{}").status()).isEqualTo(404);
            broker.post("/topic/create?topic=t", "");
            assertThat(broker.post(SEEK, "{\"to\":\"latest\"}").body()).contains("CHANNEL_NOT_FOUND");
            broker.post("/channel/create?topic=t&channel=c", "");

            assertThat(broker.post(SEEK, "{\"to\":\"offset\",\"offset\":1}").body())
                    .contains("INVALID_OFFSET", "offset: 1 (expected: 0..0)");
            assertThat(broker.post(SEEK, "{\"to\":\"offset\"}").body()).contains("INVALID_BODY");
            assertThat(broker.post(SEEK, "{\"to\":\"monday\"}").body()).contains("'monday'", "earliest");
        }
    }
}
