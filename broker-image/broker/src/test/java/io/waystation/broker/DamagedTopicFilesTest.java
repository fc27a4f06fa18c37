package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static io.waystation.broker.TestClient.pub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import io.waystation.log.DiskFiles;
import io.waystation.log.ForwardingFiles;
import io.waystation.log.LogFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One topic of two is out of service, because a file that was whole is not.
class DamagedTopicFilesTest {
    @TempDir
    Path data;

    private Path directory(String topic) {
        return data.resolve("shards/1/topics").resolve(topic);
    }

    private void store(String... topics) throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            for (var topic : topics) {
                broker.post("/pub?topic=" + topic, "kept");
                broker.post("/channel/create?topic=" + topic + "&channel=c", "");
            }
        }
    }

    private static @Nullable String error(TestBroker broker, String commands) throws IOException {
        try (var client = TestClient.open(broker.port())) {
            client.send(commands);
            return client.lastResponseBeforeClose();
        }
    }

    private static Map<String, String> contents(Path directory) throws IOException {
        var contents = new TreeMap<String, String>();
        try (var paths = Files.walk(directory)) {
            paths.filter(Files::isRegularFile).forEach(path -> {
                try {
                    contents.put(path.toString(), HexFormat.of().formatHex(Files.readAllBytes(path)));
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
        }
        return contents;
    }

    @ParameterizedTest
    @ValueSource(strings = {"meta", "cursors/meta"})
    void oneTopicIsDamagedAndTheOthersAreServed(String file) throws Exception {
        store("bad", "good");
        var damaged = directory("bad").resolve(file);
        Files.write(damaged, new byte[3]);
        var before = contents(directory("bad"));

        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "good", "c", 1)) {
            assertThat(client.message().body()).isEqualTo("kept");
            assertThat(broker.get("/ping").body()).isEqualTo("OK");
            assertThat(error(broker, pub("bad", "x"))).startsWith("E_PUB_FAILED PUB failed topic bad is damaged: ");
            assertThat(error(broker, mpub("bad", "x"))).startsWith("E_MPUB_FAILED MPUB failed topic bad is damaged: ");
            assertThat(error(broker, "DPUB bad 1\n" + sized("x")))
                    .startsWith("E_DPUB_FAILED DPUB failed topic bad is damaged: ");
            assertThat(error(broker, "SUB bad c\n")).startsWith("E_SUB_FAILED SUB failed topic bad is damaged: ");
        }
        assertThat(contents(directory("bad"))).isEqualTo(before);
    }

    @Test
    void whateverHttpAsksOfItIsRefused() throws Exception {
        store("bad", "good");
        Files.write(directory("bad").resolve("meta"), new byte[3]);
        var refused = new TestBroker.Answer(503, "{\"message\":\"TOPIC_DAMAGED\"}");

        try (var broker = new TestBroker(data)) {
            for (var path : new String[] {
                "/pub?topic=bad",
                "/mpub?topic=bad",
                "/topic/create?topic=bad",
                "/topic/pause?topic=bad",
                "/topic/empty?topic=bad",
                "/channel/create?topic=bad&channel=c",
                "/channel/delete?topic=bad&channel=c"
            }) {
                assertThat(broker.post(path, "x")).as(path).isEqualTo(refused);
            }
            var api = "/waystation/v1/topics/bad";
            for (var method : new String[] {"GET", "PUT", "DELETE"}) {
                assertThat(broker.send(method, api, "{}").status()).as(method).isEqualTo(503);
                assertThat(broker.send(method, api + "/channels/c", "{}").status())
                        .as(method)
                        .isEqualTo(503);
            }
            assertThat(broker.get(api + "/messages").body()).startsWith("{\"code\":\"TOPIC_DAMAGED\",\"message\":\"");
            assertThat(broker.post("/pub?topic=good", "x").status()).isEqualTo(200);
        }
    }

    @Test
    void itIsShownWithItsCause() throws Exception {
        store("bad", "good");
        var meta = directory("bad").resolve("meta");
        Files.writeString(meta, "nonsense");
        var cause = meta + " is damaged: it ends with 'nonsense' (expected: 'crc32c: 00000000', the checksum of what"
                + " stands before)";

        try (var broker = new TestBroker(data)) {
            broker.post("/pub?topic=bad", "x");

            assertThat(broker.get("/stats?format=json").body())
                    .startsWith("{\"version\":\"1.3.0\",\"health\":\"OK\"")
                    .contains("\"topic_name\":\"good\"")
                    .endsWith("\"damaged_topics\":[{\"topic_name\":\"bad\",\"cause\":\"" + cause + "\"}]}");
            assertThat(broker.get("/stats?format=json&topic=good").body()).doesNotContain("damaged_topics");
            assertThat(broker.get("/stats").body())
                    .endsWith("Damaged topics, out of service:\n   [bad            ] " + cause + "\n");
            assertThat(broker.get("/metrics").body())
                    .contains("\nwaystation_topics_damaged 1\n", "\nwaystation_topics 1\n")
                    .contains("waystation_publishes_refused_total{reason=\"topic_unavailable\"} 1\n");
        }
    }

    @Test
    void whatIsRestoredIsServedAfterTheNextStart() throws Exception {
        store("bad");
        var meta = directory("bad").resolve("meta");
        var whole = Files.readAllBytes(meta);
        Files.write(meta, new byte[3]);
        new TestBroker(data).close();
        Files.write(meta, whole);

        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "bad", "c", 1)) {
            assertThat(client.message().body()).isEqualTo("kept");
            assertThat(broker.get("/stats?format=json").body()).doesNotContain("damaged_topics");
        }
    }

    /// Files of the topic `bad` cannot be opened.
    private static final class Unopenable extends ForwardingFiles {
        private final boolean bug;

        Unopenable(boolean bug) {
            super(new DiskFiles());
            this.bug = bug;
        }

        @Override
        public LogFile open(Path path) throws IOException {
            if (path.toString().contains("/bad/")) {
                if (bug) {
                    throw new IllegalStateException("a bug");
                }
                throw new IOException("Input/output error");
            }
            return super.open(path);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTopicThatCannotBeOpenedForAnotherReasonIsOutOfServiceLikewise(boolean bug) throws Exception {
        store("bad", "good");
        var before = contents(directory("bad"));
        var cause = bug ? "java.lang.IllegalStateException: a bug" : "java.io.IOException: Input/output error";

        try (var broker = new TestBroker(new Unopenable(bug), data);
                var client = TestClient.consumer(broker.port(), "good", "c", 1)) {
            assertThat(client.message().body()).isEqualTo("kept");
            assertThat(broker.get("/ping").body()).isEqualTo("OK");
            assertThat(error(broker, pub("bad", "x")))
                    .isEqualTo("E_PUB_FAILED PUB failed topic bad cannot be opened: " + cause);
            assertThat(broker.get("/stats?format=json").body())
                    .endsWith("\"damaged_topics\":[{\"topic_name\":\"bad\",\"cause\":\"" + cause + "\"}]}");
            assertThat(broker.get("/metrics").body()).contains("\nwaystation_topics_damaged 1\n");
            assertThat(broker.get("/waystation/v1/info").body())
                    .contains("\"damagedTopics\":{\"bad\":\"" + cause + "\"}");
        }
        assertThat(contents(directory("bad"))).isEqualTo(before);
    }

    @Test
    void itsFilesAreClosed() throws Exception {
        store("bad");
        Files.write(directory("bad").resolve("cursors/meta"), new byte[3]);
        var files = new CountedFiles(new DiskFiles());

        try (var _ = new TestBroker(files, data)) {
            assertThat(files.openedCount()).isGreaterThan(1);
            assertThat(files.openCount()).isZero();
        }
    }
}
