package io.waystation.broker;

import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import io.waystation.log.DiskFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeferredTest {
    private static final String DEFERRED = "/waystation/v1/topics/t/deferred";
    private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");
    private static final Pattern NEXT = Pattern.compile("\"next\":\"([^\"]+)\"");

    @TempDir
    Path data;

    @TempDir
    Path copy;

    @Test
    void pagesShowEachMessageOnce() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--max-defer-timeout=10000h")) {
            for (int i = 0; i < 25; i++) {
                long deferMs = (i % 5) * 1_000_000_000L + 60_000;
                broker.post("/pub?topic=t&defer=" + deferMs, "m" + i);
            }

            assertThat(ids(broker)).hasSize(25).doesNotHaveDuplicates();
            var page = broker.get(DEFERRED + "?limit=1").body();
            // m0 in Base64
            assertThat(page).contains("\"size\":2", "\"body\":\"bTA=\"", "\"dueTime\":");
        }
    }

    @Test
    void aBatchComesAfterItsDelay() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 3)) {
            broker.post("/mpub?topic=t&defer=1", "a\nb\nc");

            assertThat(List.of(
                            consumer.message().body(),
                            consumer.message().body(),
                            consumer.message().body()))
                    .containsExactlyInAnyOrder("a", "b", "c");
        }
    }

    @Test
    void aBatchIsDeferredWholeOrNotAtAll() throws IOException, UsageException {
        var files = new FailingFiles(new DiskFiles());
        try (var broker = new TestBroker(files, data)) {
            broker.post("/mpub?topic=t&defer=3600000", "a\nb");
            files.failWith("No space left on device");

            assertThat(broker.post("/mpub?topic=t&defer=3600000", "c\nd").status())
                    .isEqualTo(503);

            assertThat(broker.get("/waystation/v1/topics/t").body()).contains("\"deferred\":2");
            TestBroker.killedCopy(data, copy);
        }
        try (var broker = new TestBroker(copy)) {
            assertThat(broker.get("/waystation/v1/topics/t").body()).contains("\"deferred\":2");
        }
    }

    @Test
    void oneIsTakenBackForGood() throws IOException, UsageException {
        String gone;
        try (var broker = new TestBroker(data)) {
            broker.post("/pub?topic=t&defer=3600000", "keep");
            broker.post("/pub?topic=t&defer=3600000", "drop");
            gone = ids(broker).getLast();

            assertThat(broker.send("DELETE", DEFERRED + "/" + gone, "").status())
                    .isEqualTo(200);

            assertThat(broker.send("DELETE", DEFERRED + "/" + gone, "").body()).contains("DEFERRED_NOT_FOUND");
            assertThat(broker.get("/waystation/v1/topics/t").body()).contains("\"deferred\":1");
            TestBroker.killedCopy(data, copy);
        }
        try (var broker = new TestBroker(copy)) {
            assertThat(ids(broker)).hasSize(1).doesNotContain(gone);
            assertThat(broker.get("/waystation/v1/topics/t").body()).contains("\"deferred\":1");
        }
    }

    @Test
    void whatIsTakenBackShortlyBeforeItsTimeIsNotDelivered() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 1)) {
            client.send("DPUB t 400\n" + sized("drop") + "DPUB t 500\n" + sized("keep"));
            client.expect("OK");
            client.expect("OK");

            broker.send("DELETE", DEFERRED + "/" + ids(broker).getFirst(), "");

            assertThat(client.message().body()).isEqualTo("keep");
            assertThat(broker.get("/waystation/v1/topics/t").body()).contains("\"deferred\":0", "\"endOffset\":1");
        }
    }

    @Test
    void allAreTakenBack() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            broker.post("/pub?topic=t&defer=60000", "a");
            broker.post("/pub?topic=t&defer=3600000", "b");

            assertThat(broker.send("DELETE", DEFERRED, "").body()).isEqualTo("{\"cancelled\":2}");

            assertThat(ids(broker)).isEmpty();
            assertThat(broker.get("/waystation/v1/topics/t").body()).contains("\"deferred\":0");
        }
    }

    @Test
    void a_channel_counts_what_is_deferred_after_it_was_emptied_and_all_was_taken_back()
            throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            broker.post("/topic/create?topic=t", "");
            broker.post("/channel/create?topic=t&channel=c", "");
            broker.post("/pub?topic=t&defer=3600000", "emptied");
            broker.post("/channel/empty?topic=t&channel=c", "");
            broker.send("DELETE", DEFERRED, "");

            broker.post("/pub?topic=t&defer=3600000", "new");

            assertThat(broker.get("/stats?format=json&topic=t").body()).contains("\"deferred_count\":1");
        }
    }

    @Test
    void aMessageThatCameBackWithADelayIsDeferredRightAfterARestart() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
            broker.post("/pub?topic=t", "late");
            consumer.send("REQ " + consumer.message().id() + " 3600000\n");
            Await.contains(() -> stats(broker), "\"deferred_count\":1");
        }

        try (var broker = new TestBroker(data)) {
            assertThat(stats(broker)).contains("\"deferred_count\":1");
            broker.post("/pub?topic=t", "next");
            try (var consumer = TestClient.consumer(broker.port(), "t", "c", 2)) {
                assertThat(consumer.message().body()).isEqualTo("next");
            }
        }
    }

    private static String stats(TestBroker broker) throws IOException {
        return broker.get("/stats?format=json&topic=t").body();
    }

    @Test
    void whatCannotBeIsRefused() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            assertThat(broker.get(DEFERRED).body()).contains("TOPIC_NOT_FOUND");
            broker.post("/pub?topic=t&defer=60000", "a");

            assertThat(broker.get(DEFERRED + "?limit=0").body()).contains("limit: '0' (expected: 1..1000)");
            assertThat(broker.get(DEFERRED + "?after=x").body()).contains("after: 'x'");
            assertThat(broker.send("DELETE", DEFERRED + "/1-2-3", "").status()).isEqualTo(404);
        }
    }

    private static List<String> ids(TestBroker broker) throws IOException {
        var ids = new ArrayList<String>();
        var path = DEFERRED + "?limit=3";
        while (true) {
            var body = broker.get(path).body();
            ID.matcher(body).results().forEach(found -> ids.add(found.group(1)));
            var next = NEXT.matcher(body);
            if (!next.find()) {
                return ids;
            }
            path = DEFERRED + "?limit=3&after=" + next.group(1);
        }
    }
}
