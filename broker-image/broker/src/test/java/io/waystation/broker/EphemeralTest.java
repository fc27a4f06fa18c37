package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.log.DiskFiles;
import io.waystation.log.ForwardingFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// nsq.md section 7.11.
class EphemeralTest {
    @TempDir
    Path data;

    private static String stats(TestBroker broker, String topic) throws IOException {
        return broker.get("/stats?format=json&include_clients=false&include_mem=false&topic=" + topic)
                .body();
    }

    private static void publish(TestBroker broker, String topic, int from, int to) throws IOException {
        var bodies = IntStream.range(from, to).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
        assertThat(broker.post("/mpub?topic=" + topic, bodies).status()).isEqualTo(200);
    }

    @Test
    void anEphemeralTopicGoesWithItsLastChannel() throws Exception {
        try (var broker = new TestBroker(data)) {
            var consumer = TestClient.consumer(broker.port(), "t#ephemeral", "c#ephemeral", 1);
            publish(broker, "t%23ephemeral", 0, 1);
            consumer.message();

            consumer.close();

            Awaitility.await("no topic")
                    .until(() -> stats(broker, "t%23ephemeral").contains("\"topics\":null"));
            assertThat(data.resolve("ephemeral/t#ephemeral")).doesNotExist();
        }
    }

    /// Removals of ephemeral topics wait until they are let go.
    private static final class HeldRemovals extends ForwardingFiles implements AutoCloseable {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        HeldRemovals() {
            super(new DiskFiles());
        }

        @Override
        public void close() {
            released.countDown();
        }

        @Override
        public void rename(Path source, Path target) throws IOException {
            if (source.endsWith("t#ephemeral")) {
                begun.countDown();
                try {
                    released.await();
                } catch (InterruptedException stop) {
                    throw new IOException(stop);
                }
            }
            super.rename(source, target);
        }
    }

    @Test
    void whoComesWhileAnEphemeralTopicIsRemovedGetsItAnew() throws Exception {
        var files = new HeldRemovals();
        try (var broker = new TestBroker(files, data);
                var _ = files;
                var next = TestClient.open(broker.port());
                var producer = TestClient.open(broker.port())) {
            TestClient.consumer(broker.port(), "t#ephemeral", "c#ephemeral", 1).close();
            files.begun.await();
            next.send("SUB t#ephemeral c#ephemeral\nRDY 1\n");
            producer.send("PUB t#ephemeral\n" + TestClient.sized("x"));
            Awaitility.await("both commands are there")
                    .until(() -> broker.get("/metrics").body().contains("\nwaystation_received_bytes_total 101\n"));

            files.close();

            next.expect("OK");
            producer.expect("OK");
            assertThat(next.message().body()).isEqualTo("x");
        }
    }

    @Test
    void anEphemeralTopicStaysWhileItHasAChannel() throws Exception {
        try (var broker = new TestBroker(data)) {
            var consumer = TestClient.consumer(broker.port(), "t#ephemeral", "c#ephemeral", 1);
            broker.post("/channel/create?topic=t%23ephemeral&channel=lasting", "");

            consumer.close();

            Awaitility.await("no channel")
                    .until(() -> !stats(broker, "t%23ephemeral").contains("c#ephemeral"));
            assertThat(stats(broker, "t%23ephemeral")).contains("lasting");
            broker.post("/channel/delete?topic=t%23ephemeral&channel=lasting", "");
            Awaitility.await("no topic")
                    .until(() -> stats(broker, "t%23ephemeral").contains("\"topics\":null"));
        }
    }

    @Test
    void aLastingTopicStaysWithoutChannels() throws Exception {
        try (var broker = new TestBroker(data)) {
            TestClient.consumer(broker.port(), "t", "c#ephemeral", 1).close();

            Awaitility.await("no channel").until(() -> stats(broker, "t").contains("\"channels\":[]"));
            assertThat(broker.post("/pub?topic=t", "x").status()).isEqualTo(200);
            assertThat(stats(broker, "t")).contains("\"depth\":1");
        }
    }

    @Test
    void anEphemeralChannelHoldsTheYoungestAndALastingOneAll() throws Exception {
        try (var broker = new TestBroker(data, "--mem-queue-size=3");
                var consumer = TestClient.consumer(broker.port(), "t", "c#ephemeral", 1)) {
            broker.post("/channel/create?topic=t&channel=lasting", "");
            publish(broker, "t", 0, 10);

            assertThat(consumer.message().body()).isEqualTo("0");
            Awaitility.await("the excess is dropped")
                    .until(() -> stats(broker, "t").contains("\"dropped_count\":6"));

            assertThat(stats(broker, "t"))
                    .contains(
                            "\"channel_name\":\"c#ephemeral\",\"depth\":3,",
                            "\"channel_name\":\"lasting\",\"depth\":10,");
            consumer.send("RDY 9\n");
            assertThat(consumer.message().body()).isEqualTo("7");
            assertThat(consumer.message().body()).isEqualTo("8");
            assertThat(consumer.message().body()).isEqualTo("9");
        }
    }

    @Test
    void whatComesBackIntoAFullEphemeralChannelIsDropped() throws Exception {
        try (var broker = new TestBroker(data, "--mem-queue-size=3");
                var consumer = TestClient.consumer(broker.port(), "t", "c#ephemeral", 1)) {
            publish(broker, "t", 0, 10);
            var first = consumer.message();

            consumer.send("RDY 0\nREQ " + first.id() + " 0\n");

            Awaitility.await("it is dropped").until(() -> stats(broker, "t").contains("\"dropped_count\":7"));
            assertThat(stats(broker, "t")).contains("\"depth\":3,\"backend_depth\":3,\"in_flight_count\":0");
        }
    }

    @Test
    void withoutABufferWhatNobodyTakesAtOnceIsDropped() throws Exception {
        try (var broker = new TestBroker(data, "--mem-queue-size=0");
                var consumer = TestClient.consumer(broker.port(), "t", "c#ephemeral", 2)) {
            publish(broker, "t", 0, 5);

            assertThat(consumer.message().body()).isEqualTo("0");
            assertThat(consumer.message().body()).isEqualTo("1");
            Awaitility.await("the rest is dropped")
                    .until(() -> stats(broker, "t").contains("\"dropped_count\":3"));
        }
    }

    @Test
    void aSlowEphemeralConsumerDoesNotKeepTheLog() throws Exception {
        try (var broker = new TestBroker(data, "--mem-queue-size=10", "--max-bytes-per-file=4096");
                var _ = TestClient.consumer(broker.port(), "t", "c#ephemeral", 0)) {
            for (int i = 0; i < 100; i++) {
                publish(broker, "t", 1000, 1100);
            }

            Awaitility.await("the log is short").until(() -> segments() <= 3);

            assertThat(stats(broker, "t")).contains("\"depth\":10,");
        }
    }

    private long segments() throws IOException {
        try (var files = Files.list(data.resolve("shards/1/topics/t"))) {
            return files.filter(file -> file.toString().endsWith(".log")).count();
        }
    }
}
