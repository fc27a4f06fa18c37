package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Our broker started in the directory of a real nsqd, message by message.
class NsqdImportIT {
    private static final Duration RUN_LIMIT = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path data;

    private static void publish(String http, String topic, int from, int end) throws IOException {
        var lines = IntStream.range(from, end).mapToObj(i -> "n-" + i).collect(Collectors.joining("\n"));
        Http.post(http, "/mpub?topic=" + topic, lines);
    }

    /// What waits in each queue, with what is in flight or deferred, and whether it is paused.
    private static Map<String, String> queues(String http) throws IOException {
        var queues = new TreeMap<String, String>();
        for (var topic : JSON.readTree(Http.get(http, "/stats?format=json&include_clients=false"))
                .get("topics")) {
            var name = topic.get("topic_name").asText();
            queues.put(name, topic.get("depth").asLong() + paused(topic));
            for (var channel : topic.get("channels")) {
                long waiting = channel.get("depth").asLong()
                        + channel.get("in_flight_count").asLong()
                        + channel.get("deferred_count").asLong();
                queues.put(name + ":" + channel.get("channel_name").asText(), waiting + paused(channel));
            }
        }
        return queues;
    }

    private static String paused(JsonNode node) {
        return node.get("paused").asBoolean() ? " paused" : "";
    }

    private static String consume(Path directory, Daemons daemons, String topic, String channel, int count)
            throws IOException {
        return Command.run(
                directory,
                RUN_LIMIT,
                GoClient.build().toString(),
                "consume",
                "-topic",
                topic,
                "-channel",
                channel,
                "-count",
                Integer.toString(count),
                daemons.lookup());
    }

    @Test
    void whatNsqdKeptIsThereAndComesOnce(@TempDir Path elsewhere) throws IOException {
        Map<String, String> before;
        try (var nsqd = Peers.nsqd(data, "--max-bytes-per-file=20000", "--mem-queue-size=100")) {
            var http = Peers.address(nsqd, "HTTP");
            Http.post(http, "/topic/create?topic=orders", "");
            Http.post(http, "/channel/create?topic=orders&channel=a", "");
            Http.post(http, "/channel/create?topic=orders&channel=b", "");
            Http.post(http, "/channel/create?topic=orders&channel=gone%23ephemeral", "");
            publish(http, "orders", 0, 2000);
            Http.post(http, "/pub?topic=orders&defer=600000", "n-2000");
            Awaitility.await("all are in the channels")
                    .atMost(RUN_LIMIT)
                    .until(() -> "2001".equals(queues(http).get("orders:b")));
            Http.post(http, "/channel/pause?topic=orders&channel=b", "");
            Http.post(http, "/channel/empty?topic=orders&channel=a", "");
            publish(http, "orders", 2001, 2500);
            Awaitility.await("these too")
                    .atMost(RUN_LIMIT)
                    .until(() -> "499".equals(queues(http).get("orders:a")));
            publish(http, "waiting", 0, 300);
            before = queues(http);
            nsqd.terminate();
        }
        before.remove("orders:gone#ephemeral");

        try (var daemons = new Daemons(data)) {
            assertThat(queues(daemons.brokerHttp())).isEqualTo(before);
            assertThat(consume(elsewhere, daemons, "orders", "a", 499)).contains("distinct 499 duplicates 0");
            Http.post(daemons.brokerHttp(), "/channel/unpause?topic=orders&channel=b", "");
            assertThat(consume(elsewhere, daemons, "orders", "b", 2500)).contains("distinct 2500 duplicates 0");
            assertThat(consume(elsewhere, daemons, "waiting", "first", 300)).contains("distinct 300 duplicates 0");
        }
    }

    @Test
    void killedInTheMiddleItGoesOnAndNothingIsLostOrTwice(@TempDir Path elsewhere) throws IOException {
        int topics = 30;
        int messages = 2000;
        try (var nsqd = Peers.nsqd(data, "--mem-queue-size=10")) {
            var http = Peers.address(nsqd, "HTTP");
            for (int i = 0; i < topics; i++) {
                publish(http, "t" + i, 0, messages);
            }
            nsqd.terminate();
        }
        var names = originals();

        int killed = 0;
        for (int i = 0; i < 5; i++) {
            try (var broker = Command.start(
                    data,
                    Daemons.BIN.resolve("nsqd").toString(),
                    "--tcp-address=127.0.0.1:0",
                    "--http-address=127.0.0.1:0",
                    "--data-path=" + data)) {
                Awaitility.await("a topic is imported")
                        .pollInterval(Duration.ofMillis(1))
                        .atMost(RUN_LIMIT)
                        .until(() -> broker.output().contains("import: topic done")
                                || broker.output().contains(" ready "));
                broker.kill();
                killed += broker.output().contains("import: done") ? 0 : 1;
            }
        }

        assertThat(killed).as("kills before the import was done").isPositive();
        try (var daemons = new Daemons(data)) {
            for (int i = 0; i < topics; i++) {
                assertThat(queues(daemons.brokerHttp())).containsEntry("t" + i, Integer.toString(messages));
            }
            assertThat(consume(elsewhere, daemons, "t0", "c", messages))
                    .contains("distinct " + messages + " duplicates 0");
        }
        assertThat(originals()).isEqualTo(names);
    }

    /// nsqd's files and their sizes.
    private Map<String, Long> originals() throws IOException {
        var sizes = new TreeMap<String, Long>();
        try (var files = Files.newDirectoryStream(data, "*.dat")) {
            for (var file : files) {
                sizes.put(file.getFileName().toString(), Files.size(file));
            }
        }
        return sizes;
    }

    @Test
    void aRunningNsqdIsNotTakenOver() throws IOException {
        try (var nsqd = Peers.nsqd(data)) {
            var http = Peers.address(nsqd, "HTTP");
            Http.post(http, "/pub?topic=t", "x");
            var broker = Command.start(
                    data,
                    Daemons.BIN.resolve("nsqd").toString(),
                    "--tcp-address=127.0.0.1:0",
                    "--http-address=127.0.0.1:0",
                    "--data-path=" + data);
            Awaitility.await("the broker refuses").atMost(RUN_LIMIT).until(() -> !broker.isRunning());

            assertThat(broker.exitCode()).isEqualTo(1);
            assertThat(broker.output()).contains("nsqd import: " + data + " is in use by an nsqd, process ");
            assertThat(Http.get(http, "/ping")).isEqualTo("OK");
        }
    }
}
