package io.waystation.broker;

import static io.waystation.broker.TestClient.pub;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.TopicDirectories;
import io.waystation.daemon.UsageException;
import io.waystation.log.DiskFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One topic of two is damaged where it was flushed.
class DamagedTopicTest {
    @TempDir
    Path data;

    private Path damaged = Path.of("");
    private byte[] left = {};

    @BeforeEach
    void damage() throws IOException, UsageException {
        try (var broker = start();
                var producer = TestClient.open(broker.port())) {
            producer.send(pub("sound", "kept") + pub("bad", "acknowledged"));
            producer.expect("OK");
            producer.expect("OK");
        }
        try (var nodes = Files.list(data.resolve("shards"))) {
            int shard = Integer.parseInt(
                    nodes.findFirst().orElseThrow().getFileName().toString());
            damaged = TopicDirectories.directoryOf(data, shard, "bad").resolve("00000000000000000000.log");
        }
        left = Files.readAllBytes(damaged);
        left[left.length - 1] ^= 1;
        Files.write(damaged, left);
    }

    private TestBroker start() throws IOException, UsageException {
        return new TestBroker(new DiskFiles(), data, "--flush=disk");
    }

    @Test
    void theOthersAreServed() throws IOException, UsageException {
        try (var broker = start();
                var consumer = TestClient.consumer(broker.port(), "sound", "c", 1)) {
            assertThat(consumer.message().body()).isEqualTo("kept");
        }
    }

    @Test
    void whatIsWrongIsToldWhereverSomebodyLooks() throws IOException, UsageException {
        try (var broker = start();
                var producer = TestClient.open(broker.port())) {
            producer.send(pub("bad", "more"));

            assertThat(producer.response()).startsWith("E_PUB_FAILED PUB failed topic bad is damaged: " + damaged);
            assertThat(broker.get("/metrics").body()).contains("\nwaystation_topics_damaged 1\n");
            assertThat(broker.get("/waystation/v1/info").body()).contains("\"damagedTopics\":{\"bad\":\"" + damaged);
            assertThat(broker.get("/waystation/v1/topics/bad").body()).contains("TOPIC_DAMAGED");
            assertThat(broker.get("/waystation/v1/drain").body()).contains("\"unfinished\":2,");
        }
    }

    @Test
    void itsFilesStayUntilSomebodyDeletesIt() throws IOException, UsageException {
        try (var broker = start()) {
            assertThat(Files.readAllBytes(damaged)).isEqualTo(left);
            assertThat(broker.send("DELETE", "/waystation/v1/topics/bad", "").status())
                    .isEqualTo(503);

            assertThat(broker.post("/topic/delete?topic=bad", "").status()).isEqualTo(200);

            assertThat(damaged).doesNotExist();
            assertThat(broker.post("/pub?topic=bad", "anew").status()).isEqualTo(200);
            assertThat(broker.get("/metrics").body()).contains("\nwaystation_topics_damaged 0\n");
        }
    }
}
