package io.waystation.broker;

import static io.waystation.broker.TestClient.pub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlushTest {
    private final FaultyDisk disk = new FaultyDisk();

    @TempDir
    Path data;

    @TempDir
    Path copy;

    @Test
    void underDiskNobodyIsAnsweredOrServedBeforeTheFlush() throws IOException, UsageException {
        try (var broker = new TestBroker(disk, data, "--flush=disk");
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1);
                var producer = TestClient.open(broker.port())) {
            disk.hold();
            producer.send(pub("t", "held") + "DPUB t 1\n" + sized("later"));

            assertThat(broker.get("/waystation/v1/topics/t").body()).contains("\"endOffset\":0", "\"depth\":0");
            assertThat(producer.hasInput()).isFalse();
            disk.release();
            producer.expect("OK");
            producer.expect("OK");
            var first = consumer.message();
            consumer.finish(first);
            assertThat(first.body()).isEqualTo("held");
            assertThat(consumer.message().body()).isEqualTo("later");
        }
    }

    @Test
    void manyPublishesShareAFlush() throws IOException, UsageException {
        try (var broker = new TestBroker(disk, data, "--flush=disk");
                var first = TestClient.open(broker.port())) {
            first.send(pub("t", "made"));
            first.expect("OK");
            int before = disk.flushes();
            disk.hold();
            for (int i = 0; i < 100; i++) {
                first.send(pub("t", "x" + i));
                // The answer of the API comes from the topic's loop, so each publish is a pass of its own.
                broker.get("/waystation/v1/topics/t");
            }

            disk.release();
            for (int i = 0; i < 100; i++) {
                first.expect("OK");
            }

            assertThat(disk.flushes() - before).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void aFailedFlushIsFinalAndVisible() throws IOException, UsageException {
        try (var broker = new TestBroker(disk, data, "--flush=disk");
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1);
                var producer = TestClient.open(broker.port())) {
            producer.send(pub("t", "safe"));
            producer.expect("OK");
            disk.failFlushes("Input/output error");

            producer.send(pub("t", "lost"));

            producer.expect("E_PUB_FAILED PUB failed Input/output error");
            assertThat(broker.get("/ping").body()).isEqualTo("NOK - Input/output error");
            assertThat(broker.get("/ping").status()).isEqualTo(500);
            assertThat(broker.post("/pub?topic=t", "again").status()).isEqualTo(500);
            assertThat(broker.post("/channel/create?topic=t&channel=d", "").status())
                    .isEqualTo(500);
            assertThat(consumer.message().body()).isEqualTo("safe");
        }
    }

    @Test
    void aTopicChangesItsFlushWhileItIsUsedAndKeepsIt() throws IOException, UsageException {
        try (var broker = new TestBroker(disk, data)) {
            assertThat(broker.post("/pub?topic=t", "os").body()).isEqualTo("OK");
            assertThat(disk.flushes()).isZero();
            var answer = broker.send("PUT", "/waystation/v1/topics/t", "{\"settings\":{\"flush\":\"disk\"}}");
            assertThat(answer.body()).contains("\"flush\":\"disk\"");
            int flushed = disk.flushes();
            assertThat(flushed).isPositive();

            assertThat(broker.post("/pub?topic=t", "disk").body()).isEqualTo("OK");

            assertThat(disk.flushes()).isGreaterThan(flushed);
            TestBroker.killedCopy(data, copy);
        }
        try (var broker = new TestBroker(copy);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 2)) {
            assertThat(broker.get("/waystation/v1/topics/t").body()).contains("\"flush\":\"disk\"");
            assertThat(consumer.message().body()).isEqualTo("os");
            assertThat(consumer.message().body()).isEqualTo("disk");
        }
    }

    @Test
    void whatWaitsForAFlushIsAnsweredWhenTheBrokerStops() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--flush=disk")) {
            assertThat(broker.post("/pub?topic=t", "one").body()).isEqualTo("OK");
            assertThat(broker.post("/pub?topic=t&defer=3600000", "two").body()).isEqualTo("OK");
        }
        try (var broker = new TestBroker(data)) {
            assertThat(broker.get("/waystation/v1/topics/t").body())
                    .contains("\"endOffset\":1", "\"deferred\":1", "\"flush\":\"os\"");
        }
    }
}
