package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What was emptied from a topic before its channels had it.
class EmptiedTopicTest {
    @TempDir
    Path data;

    private static void post(TestBroker broker, String path, String body) throws IOException {
        assertThat(broker.post(path, body).status()).isEqualTo(200);
    }

    private static void keepAndEmpty(TestBroker broker, int round) throws IOException {
        post(broker, "/pub?topic=t", "kept " + round);
        post(broker, "/topic/pause?topic=t", "");
        post(broker, "/mpub?topic=t", "emptied " + round + "\nemptied " + round);
        post(broker, "/topic/empty?topic=t", "");
        post(broker, "/topic/unpause?topic=t", "");
    }

    private static void expectKept(TestBroker broker, int count) throws IOException {
        assertThat(broker.get("/waystation/v1/topics/t/channels/c/messages").body())
                .contains("kept 0", "kept " + (count - 1))
                .doesNotContain("emptied");
        assertThat(broker.get("/stats?format=json&topic=t&channel=c").body()).contains("\"depth\":" + count + ",");
        try (var consumer = TestClient.consumer(broker.port(), "t", "c", count + 1)) {
            for (int round = 0; round < count; round++) {
                assertThat(consumer.message().body()).isEqualTo("kept " + round);
            }
            post(broker, "/pub?topic=t", "last");
            assertThat(consumer.message().body()).isEqualTo("last");
        }
    }

    @Test
    void nothing_that_was_emptied_returns_however_often_that_was() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            post(broker, "/topic/create?topic=t", "");
            post(broker, "/channel/create?topic=t&channel=c", "");
            for (int round = 0; round < 3; round++) {
                keepAndEmpty(broker, round);
            }

            expectKept(broker, 3);
        }
    }

    @Test
    void nothing_that_was_emptied_returns_after_a_restart() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            post(broker, "/topic/create?topic=t", "");
            post(broker, "/channel/create?topic=t&channel=c", "");
            for (int round = 0; round < 3; round++) {
                keepAndEmpty(broker, round);
            }
        }

        try (var broker = new TestBroker(data)) {
            expectKept(broker, 3);
        }
    }

    @Test
    void a_channel_that_begins_at_the_first_message_gets_nothing_that_was_emptied_before()
            throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            post(broker, "/pub?topic=t", "emptied");
            post(broker, "/topic/empty?topic=t", "");
            broker.send("PUT", "/waystation/v1/topics/t/channels/c", "{\"startFrom\":\"Earliest\"}");
            post(broker, "/pub?topic=t", "kept");

            try (var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
                assertThat(consumer.message().body()).isEqualTo("kept");
            }
        }
    }
}
