package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real tools of NSQ, and a real nsqd, at our broker and lookup.
class NsqToolsIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path data;

    @TempDir
    Path work;

    @BeforeEach
    void build() throws IOException {
        Peers.program("nsq_to_file");
    }

    private static List<String> messages(int count) {
        return IntStream.range(0, count).mapToObj(i -> "message " + i).toList();
    }

    private static JsonNode json(String text) throws IOException {
        return JSON.readTree(text);
    }

    @Test
    void nsqTailPrintsWhatIsPublished() throws IOException {
        try (var daemons = new Daemons(data)) {
            Http.post(daemons.brokerHttp(), "/topic/create?topic=tailed", "");
            Http.post(daemons.brokerHttp(), "/channel/create?topic=tailed&channel=other", "");
            try (var tail = Peers.start(
                    work, "nsq_tail", "--topic=tailed", "--n=20", "--lookupd-http-address=" + daemons.lookup())) {
                Awaitility.await("nsq_tail has its channel")
                        .atMost(LIMIT)
                        .until(() -> Http.get(daemons.brokerHttp(), "/stats").contains("[tail"));
                Http.post(daemons.brokerHttp(), "/mpub?topic=tailed", String.join("\n", messages(20)));

                assertThat(tail.await(LIMIT)).contains(messages(20));
            }
        }
    }

    @Test
    void nsqToFileWritesEveryMessageOnce() throws IOException {
        try (var daemons = new Daemons(data)) {
            Http.post(daemons.brokerHttp(), "/mpub?topic=filed", String.join("\n", messages(1000)));
            try (var toFile = Peers.start(
                    work,
                    "nsq_to_file",
                    "--topic=filed",
                    "--output-dir=" + work,
                    "--lookupd-http-address=" + daemons.lookup())) {
                Awaitility.await("all are in the file")
                        .atMost(LIMIT)
                        .until(() -> Http.get(daemons.brokerHttp(), "/stats?format=json&include_mem=false")
                                .contains("\"finish_count\":1000"));
                toFile.terminate();
            }

            assertThat(written()).containsExactlyInAnyOrderElementsOf(messages(1000));
        }
    }

    private List<String> written() throws IOException {
        try (var files = Files.list(work)) {
            return files.filter(file -> file.getFileName().toString().startsWith("filed."))
                    .flatMap(file -> {
                        try {
                            return Files.readAllLines(file).stream();
                        } catch (IOException failure) {
                            throw new UncheckedIOException(failure);
                        }
                    })
                    .toList();
        }
    }

    @Test
    void nsqStatShowsOurDepths() throws IOException {
        try (var daemons = new Daemons(data)) {
            Http.post(daemons.brokerHttp(), "/mpub?topic=counted", String.join("\n", messages(37)));
            Http.post(daemons.brokerHttp(), "/channel/create?topic=counted&channel=c", "");
            Awaitility.await("the lookup knows the channel")
                    .atMost(LIMIT)
                    .until(() -> Http.get(daemons.lookup(), "/channels?topic=counted")
                            .contains("\"c\""));

            var output = Command.run(
                    work,
                    LIMIT,
                    Peers.program("nsq_stat"),
                    "--topic=counted",
                    "--channel=c",
                    "--count=1",
                    "--interval=100ms",
                    "--lookupd-http-address=" + daemons.lookup());

            assertThat(output).containsPattern("\\b37\\b");
        }
    }

    @Test
    void nsqadminShowsAndChangesWhatIsOurs() throws IOException {
        try (var daemons = new Daemons(data);
                var admin = Peers.start(
                        work, "nsqadmin", "--http-address=127.0.0.1:0", "--lookupd-http-address=" + daemons.lookup())) {
            var http = Peers.address(admin, "HTTP");
            Http.post(daemons.brokerHttp(), "/mpub?topic=watched", String.join("\n", messages(12)));
            Http.post(daemons.brokerHttp(), "/channel/create?topic=watched&channel=c", "");
            Awaitility.await("nsqadmin knows the topic")
                    .atMost(LIMIT)
                    .until(() -> Http.get(http, "/api/topics").contains("\"watched\""));

            assertThat(json(Http.get(http, "/api/nodes")).at("/nodes")).hasSize(1);
            assertThat(json(Http.get(http, "/api/nodes"))
                            .at("/nodes/0/topics/0/topic")
                            .asText())
                    .isEqualTo("watched");
            assertThat(json(Http.get(http, "/api/topics/watched"))
                            .at("/channels/0/depth")
                            .asInt())
                    .isEqualTo(12);
            assertThat(json(Http.get(http, "/api/topics/watched/c"))
                            .at("/depth")
                            .asInt())
                    .isEqualTo(12);
            Http.post(http, "/api/topics/watched/c", "{\"action\":\"empty\"}");
            assertThat(json(Http.get(http, "/api/topics/watched/c"))
                            .at("/depth")
                            .asInt())
                    .isZero();
            Http.post(http, "/api/topics/watched", "{\"action\":\"pause\"}");
            assertThat(json(Http.get(daemons.brokerHttp(), "/stats?format=json"))
                            .at("/topics/0/paused")
                            .asBoolean())
                    .isTrue();
            Http.send("DELETE", http, "/api/topics/watched", "");
            assertThat(json(Http.get(daemons.brokerHttp(), "/stats?format=json"))
                            .at("/topics"))
                    .isEmpty();
        }
    }

    @Test
    void nsqadminShowsTheClientsOfAChannel() throws IOException {
        try (var daemons = new Daemons(data);
                var admin = Peers.start(
                        work, "nsqadmin", "--http-address=127.0.0.1:0", "--lookupd-http-address=" + daemons.lookup());
                var tail = Peers.start(
                        work, "nsq_tail", "--topic=seen", "--channel=c", "--nsqd-tcp-address=" + daemons.broker())) {
            var http = Peers.address(admin, "HTTP");
            Awaitility.await("nsqadmin shows nsq_tail")
                    .atMost(LIMIT)
                    .ignoreExceptions()
                    .until(() -> json(Http.get(http, "/api/topics/seen/c"))
                            .at("/clients/0/user_agent")
                            .asText()
                            .startsWith("nsq_tail/"));

            assertThat(tail.isRunning()).isTrue();
        }
    }

    @Test
    void aRealNsqdRegistersAtOurLookupAndIsFoundThere() throws IOException {
        try (var daemons = new Daemons(data);
                var nsqd = Peers.nsqd(work, "--lookupd-tcp-address=" + daemons.lookupTcp())) {
            var http = Peers.address(nsqd, "HTTP");
            var tcp = Peers.address(nsqd, "TCP");
            Http.post(http, "/mpub?topic=theirs", numbers(0, 500));
            Http.post(daemons.brokerHttp(), "/mpub?topic=theirs", numbers(500, 1000));
            Awaitility.await("both are found").atMost(LIMIT).until(() -> producers(daemons) == 2);

            var consumed = Command.run(
                    work,
                    LIMIT,
                    GoClient.build().toString(),
                    "consume",
                    "-topic",
                    "theirs",
                    "-count",
                    "1000",
                    daemons.lookup());

            assertThat(consumed).contains("distinct 1000 duplicates 0");
            assertThat(Http.get(daemons.lookup(), "/nodes"))
                    .contains("\"tcp_port\":" + tcp.substring(tcp.indexOf(':') + 1), "\"version\":\"1.3.0\"");
            nsqd.terminate();
            Awaitility.await("it is gone from the lookup").atMost(LIMIT).until(() -> producers(daemons) == 1);
        }
    }

    private static String numbers(int from, int end) {
        return IntStream.range(from, end).mapToObj(i -> "n-" + i).collect(Collectors.joining("\n"));
    }

    private static int producers(Daemons daemons) throws IOException {
        return json(Http.get(daemons.lookup(), "/lookup?topic=theirs"))
                .at("/producers")
                .size();
    }
}
