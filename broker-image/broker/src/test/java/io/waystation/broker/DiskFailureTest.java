package io.waystation.broker;

import static io.waystation.broker.TestClient.pub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.waystation.daemon.UsageException;
import io.waystation.log.DiskFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFailureTest {
    private static final String FULL = "No space left on device";
    private static final String BROKEN = "Input/output error";

    @TempDir
    Path data;

    private final FailingFiles files = new FailingFiles(new DiskFiles());

    private static String refusal(TestBroker broker, String bytes) throws IOException {
        try (var client = TestClient.open(broker.port())) {
            client.send(bytes);
            return String.valueOf(client.lastResponseBeforeClose());
        }
    }

    @Test
    void aFullDiskRefusesEveryPublishWithTheReason() throws IOException, UsageException {
        try (var broker = new TestBroker(files, data)) {
            broker.post("/pub?topic=t", "before");
            files.failWith(FULL);

            assertThat(refusal(broker, pub("t", "x"))).isEqualTo("E_PUB_FAILED PUB failed disk full: " + FULL);
            assertThat(refusal(broker, TestClient.mpub("t", "x", "y")))
                    .startsWith("E_MPUB_FAILED MPUB failed disk full");
            assertThat(refusal(broker, "DPUB t 100\n" + sized("x"))).startsWith("E_DPUB_FAILED DPUB failed disk full");
            assertThat(refusal(broker, pub("new", "x"))).contains("E_PUB_FAILED PUB failed ", FULL);
            assertThat(broker.post("/pub?topic=t", "x"))
                    .isEqualTo(new TestBroker.Answer(503, "{\"message\":\"DISK_FULL\"}"));
        }
    }

    @Test
    void whatFailsBearsTheCodeOfItsOwnCommand() throws IOException, UsageException {
        try (var broker = new TestBroker(files, data)) {
            broker.post("/pub?topic=t", "before");
            files.failWith(FULL);

            var refused = refusal(broker, pub("t", "x") + TestClient.mpub("t", "y", "z"));

            assertThat(refused).startsWith("E_PUB_FAILED PUB failed disk full");
        }
    }

    @Test
    void consumingGoesOnWhileTheDiskIsFull() throws IOException, UsageException {
        try (var broker = new TestBroker(files, data);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            broker.post("/mpub?topic=t", "a\nb\nc");
            var first = consumer.message();
            files.failWith(FULL);

            consumer.finish(first);
            var second = consumer.message();
            consumer.finish(second);

            assertThat(consumer.message().body()).isEqualTo("c");
            assertThat(broker.get("/ping")).isEqualTo(new TestBroker.Answer(200, "OK"));
        }
    }

    @Test
    void theLastConsumerOfAnEphemeralChannelMayLeaveAFullDisk() throws IOException, UsageException {
        try (var broker = new TestBroker(files, data)) {
            var consumer = TestClient.consumer(broker.port(), "t", "c#ephemeral", 1);
            broker.post("/pub?topic=t", "x");
            consumer.message();
            files.failWith(FULL);

            consumer.close();

            await("the consumer is gone")
                    .until(() -> broker.get("/stats?format=json&topic=t").body().contains("\"client_count\":0"));
            assertThat(broker.get("/ping").status()).isEqualTo(200);
            files.failWith(null);
            await("space is noticed")
                    .until(() -> broker.post("/pub?topic=t", "after").status() == 200);
        }
    }

    @Test
    void itHealsByItselfAndLosesNothing() throws IOException, UsageException {
        try (var broker = new TestBroker(files, data)) {
            broker.post("/pub?topic=t", "before");
            files.failWith(FULL);
            broker.post("/pub?topic=t", "refused");
            files.failWith(null);

            await("space is noticed")
                    .until(() -> broker.post("/pub?topic=t", "after").status() == 200);
        }

        try (var broker = new TestBroker(data);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 5)) {
            assertThat(consumer.message().body()).isEqualTo("before");
            assertThat(consumer.message().body()).isEqualTo("after");
        }
    }

    @Test
    void aVolumeThatIsNearlyFullRefusesBeforeItIsFull() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            broker.post("/pub?topic=t", "x");
        }

        try (var broker = new TestBroker(data, "--min-free-bytes=" + Long.MAX_VALUE);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            assertThat(refusal(broker, pub("t", "y")))
                    .startsWith("E_PUB_FAILED PUB failed disk full: ")
                    .endsWith(" bytes free (expected: " + Long.MAX_VALUE + ", min-free-bytes)");
            consumer.finish(consumer.message());
        }
    }

    @Test
    void whatIsConsumedMakesRoomThoughNothingIsPublished() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--max-bytes-per-file=4096");
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            for (int i = 0; i < 20; i++) {
                broker.post("/pub?topic=t", "x".repeat(1000));
            }
            for (int i = 0; i < 20; i++) {
                consumer.finish(consumer.message());
            }

            await("all but the active segment are deleted").until(() -> sizeBytes(broker) <= 4096);
        }
    }

    @Test
    void onAFullVolumeEvenTheSegmentThatIsNotFullGoesWhenItIsConsumed() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            broker.post("/pub?topic=t", "x");
        }

        try (var broker = new TestBroker(data, "--min-free-bytes=" + Long.MAX_VALUE);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            consumer.finish(consumer.message());

            await("everything is deleted").until(() -> sizeBytes(broker) == 0);
        }
        try (var broker = new TestBroker(data);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            broker.post("/pub?topic=t", "next");
            assertThat(consumer.message().body()).isEqualTo("next");
            assertThat(broker.get("/waystation/v1/topics/t").body()).contains("\"endOffset\":2,");
        }
    }

    private static long sizeBytes(TestBroker broker) throws IOException {
        var topic = broker.get("/waystation/v1/topics/t").body();
        var matcher = Pattern.compile("\"sizeBytes\":(\\d+)").matcher(topic);
        assertThat(matcher.find()).as(topic).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    @Test
    void aWriteThatFailsIsFinalAndPingSaysSo() throws IOException, UsageException {
        try (var broker = new TestBroker(files, data)) {
            broker.post("/pub?topic=t", "acknowledged");
            files.failWith(BROKEN);
            assertThat(refusal(broker, pub("t", "x")))
                    .startsWith("E_PUB_FAILED PUB failed ")
                    .endsWith(BROKEN);

            files.failWith(null);

            assertThat(broker.get("/ping").status()).isEqualTo(500);
            assertThat(broker.get("/ping").body()).startsWith("NOK - ").endsWith(BROKEN);
            assertThat(refusal(broker, pub("t", "y"))).endsWith(BROKEN);
            assertThat(refusal(broker, pub("other", "y"))).endsWith(BROKEN);
        }

        try (var broker = new TestBroker(data);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 5)) {
            assertThat(consumer.message().body()).isEqualTo("acknowledged");
            assertThat(broker.post("/pub?topic=t", "again").status()).isEqualTo(200);
        }
    }
}
