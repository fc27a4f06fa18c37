package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeekTest {
    private static final String TOPIC = "/waystation/v1/topics/t/messages";
    private static final String CHANNEL = "/waystation/v1/topics/t/channels/c/messages";
    private static final Pattern MESSAGE = Pattern.compile("\\{\"offset\":(\\d+),.*?\"body\":\"(.*?)\"[^}]*}");
    private static final Pattern NEXT = Pattern.compile("\"next\":\"(\\d+)\"");
    private static final Pattern TIMESTAMP = Pattern.compile("\"timestamp\":(\\d+)");

    @TempDir
    Path data;

    private static String get(TestBroker broker, String path) throws IOException {
        var answer = broker.get(path);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static List<String> bodies(String page) {
        var bodies = new ArrayList<String>();
        var matcher = MESSAGE.matcher(page);
        while (matcher.find()) {
            bodies.add(matcher.group(1) + " " + matcher.group(2));
        }
        return bodies;
    }

    private static List<String> allPages(TestBroker broker, String path) throws IOException {
        var bodies = new ArrayList<String>();
        var page = get(broker, path);
        bodies.addAll(bodies(page));
        var next = NEXT.matcher(page);
        while (next.find()) {
            page = get(broker, path + "&from=" + next.group(1));
            bodies.addAll(bodies(page));
            next = NEXT.matcher(page);
        }
        assertThat(page).endsWith("\"next\":null}");
        return bodies;
    }

    private static void publish(TestBroker broker, int from, int to) throws IOException {
        try (var client = TestClient.open(broker.port())) {
            for (int i = from; i < to; i++) {
                client.send(mpub("t", "m" + i));
                client.expect("OK");
            }
        }
    }

    private static List<String> numbered(int from, int to) {
        var expected = new ArrayList<String>();
        for (int i = from; i < to; i++) {
            expected.add(i + " m" + i);
        }
        return expected;
    }

    @Test
    void messagesOfATopicComePageByPageFromAllSegments() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--max-bytes-per-file=4096")) {
            publish(broker, 0, 400);

            assertThat(allPages(broker, TOPIC + "?limit=37")).isEqualTo(numbered(0, 400));
            assertThat(bodies(get(broker, TOPIC + "?from=123&limit=2"))).isEqualTo(numbered(123, 125));
            assertThat(bodies(get(broker, TOPIC + "?from=latest&limit=3"))).isEqualTo(numbered(397, 400));
            assertThat(get(broker, TOPIC + "?from=400")).isEqualTo("{\"messages\":[],\"next\":null}");
        }
    }

    @Test
    void aTimeIsAPlaceToBegin() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            publish(broker, 0, 3);
            var stamp = TIMESTAMP.matcher(get(broker, TOPIC + "?from=1&limit=1"));
            assertThat(stamp.find()).isTrue();
            long ms = Long.parseLong(stamp.group(1));

            assertThat(bodies(get(broker, TOPIC + "?from=" + ms + "ms"))).contains("1 m1", "2 m2");
            assertThat(bodies(get(broker, TOPIC + "?from=2001-01-01T00:00:00Z")))
                    .isEqualTo(numbered(0, 3));
            assertThat(bodies(get(broker, TOPIC + "?from=2101-01-01T00:00:00%2B02:00")))
                    .isEmpty();
        }
    }

    @Test
    void bodiesThatAreNoTextComeInBase64AndLargeOnesCut() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port())) {
            client.send(mpub("t", "\u00c3\u00a4\"", "\u00ff\u0000", "123456789"));
            client.expect("OK");

            assertThat(get(broker, TOPIC))
                    .contains("\"size\":3,\"body\":\"\u00e4\\\"\",\"bodyEncoding\":\"utf-8\"")
                    .contains("\"size\":2,\"body\":\"/wA=\",\"bodyEncoding\":\"base64\"");
            assertThat(get(broker, TOPIC + "?limit=1&encoding=base64")).contains("\"body\":\"w6Qi\"");
            assertThat(get(broker, TOPIC + "?from=2&bytes=4"))
                    .contains("\"size\":9,\"body\":\"1234\",\"bodyEncoding\":\"utf-8\",\"truncated\":true");
            assertThat(get(broker, TOPIC + "?bytes=5")).contains("\"next\":\"2\"");
        }
    }

    @Test
    void aKeyIsShownBesideItsBody() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            broker.post("/pub?topic=t&key=customer-7", "x");

            assertThat(get(broker, TOPIC))
                    .contains("\"size\":1,\"key\":\"customer-7\",\"keyEncoding\":\"utf-8\",\"body\":\"x\"");
        }
    }

    @Test
    void aChannelTellsWhatIsInFlightDeferredAndWaiting() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 3)) {
            publish(broker, 0, 6);
            client.finish(client.message());
            client.send("REQ " + client.message().id() + " 60000\n");
            var held = client.message();
            client.message();
            client.message();

            assertThat(bodies(get(broker, CHANNEL + "?state=inflight"))).isEqualTo(numbered(2, 5));
            assertThat(get(broker, CHANNEL + "?state=inflight&limit=1"))
                    .contains("\"id\":\"" + held.id() + "\"", "\"state\":\"inflight\",\"attempts\":1");
            assertThat(get(broker, CHANNEL + "?state=deferred"))
                    .contains("\"offset\":1,", "\"state\":\"deferred\",\"attempts\":1", "\"next\":null");
            assertThat(get(broker, CHANNEL + "?state=waiting"))
                    .contains("\"offset\":5,", "\"state\":\"waiting\",\"attempts\":0");
            assertThat(allPages(broker, CHANNEL + "?limit=2")).isEqualTo(numbered(1, 6));
        }
    }

    @Test
    void lookingDisturbsNobody() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 1)) {
            publish(broker, 0, 3);
            var first = client.message();
            var before = get(broker, "/waystation/v1/topics/t");

            get(broker, CHANNEL);
            get(broker, TOPIC);

            assertThat(get(broker, "/waystation/v1/topics/t")).isEqualTo(before);
            client.finish(first);
            assertThat(client.message().body()).isEqualTo("m1");
        }
    }

    @Test
    void whatWasConsumedAndDeletedIsPassedOver() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--max-bytes-per-file=4096");
                var client = TestClient.consumer(broker.port(), "t", "c", 100)) {
            publish(broker, 0, 300);
            for (int i = 0; i < 299; i++) {
                client.finish(client.message());
            }
            client.message();

            await("retention deletes what is consumed")
                    .until(() -> !get(broker, "/waystation/v1/topics/t").contains("\"startOffset\":0,"));

            assertThat(bodies(get(broker, TOPIC + "?from=0&limit=1000"))).endsWith("299 m299");
            assertThat(bodies(get(broker, CHANNEL + "?from=0"))).containsExactly("299 m299");
        }
    }

    @Test
    void requestsThatMakeNoSenseAreRefusedWithWhatWouldBeRight() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            publish(broker, 0, 1);

            assertThat(broker.get(TOPIC + "?from=yesterday").body()).contains("INVALID_FROM", "yesterday", "earliest");
            assertThat(broker.get(TOPIC + "?limit=1001").body()).contains("INVALID_LIMIT", "1001", "1..1000");
            assertThat(broker.get(TOPIC + "?bytes=0").body()).contains("INVALID_LIMIT", "bytes");
            assertThat(broker.get(TOPIC + "?encoding=hex").body()).contains("INVALID_ENCODING");
            assertThat(broker.get(CHANNEL).body()).contains("CHANNEL_NOT_FOUND");
            assertThat(broker.get(CHANNEL + "?state=lost").body()).contains("INVALID_STATE", "unfinished");
            assertThat(broker.get("/waystation/v1/topics/none/messages").status())
                    .isEqualTo(404);
        }
    }
}
