package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static io.waystation.broker.TestClient.pub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import io.waystation.log.DiskFiles;
import io.waystation.log.LogReader;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import io.waystation.log.RecordHeaders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelRulesTest {
    private static final String CHANNEL = "/waystation/v1/topics/t/channels/c";

    @TempDir
    Path data;

    private TestBroker broker(String... flags) throws IOException, UsageException {
        var all = new String[flags.length + 2];
        System.arraycopy(flags, 0, all, 2, flags.length);
        all[0] = "--node-id=7";
        // The dead-letter topic is often on another loop then.
        all[1] = "--loops=3";
        return new TestBroker(data, all);
    }

    private static void declare(TestBroker broker, String settings) throws IOException {
        assertThat(broker.send("PUT", "/waystation/v1/topics/t", "{}").status()).isEqualTo(200);
        assertThat(rules(broker, settings).status()).isEqualTo(200);
    }

    private static TestBroker.Answer rules(TestBroker broker, String settings) throws IOException {
        return broker.send("PUT", CHANNEL, "{\"settings\":" + settings + "}");
    }

    private static String channel(TestBroker broker) throws IOException {
        return broker.get(CHANNEL).body();
    }

    private static TestClient consumer(TestBroker broker, int ready) throws IOException {
        return TestClient.consumer(broker.port(), "t", "c", ready);
    }

    private static TestClient deadLetters(TestBroker broker) throws IOException {
        return TestClient.consumer(broker.port(), "dead", "d", 10);
    }

    private static void publish(TestBroker broker, String... bodies) throws IOException {
        try (var producer = TestClient.open(broker.port())) {
            producer.send(mpub("t", bodies));
            producer.expect("OK");
        }
    }

    /// Takes the next message and gives it back, so many times.
    private static void refuse(TestClient consumer, int times) throws IOException {
        for (int attempt = 1; attempt <= times; attempt++) {
            var message = consumer.message();
            assertThat(message.attempts()).isEqualTo(attempt);
            consumer.send("REQ " + message.id() + " 0\n");
        }
    }

    // ---- maxAttempts

    @Test
    void aMessageDeliveredOftenEnoughGoesToTheDeadLetterTopic() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"maxAttempts\":3,\"deadLetterTopic\":\"dead\"}");
            publish(broker, "poison", "fine");
            try (var consumer = consumer(broker, 1);
                    var dead = deadLetters(broker)) {
                var poison = consumer.message();
                consumer.send("REQ " + poison.id() + " 0\n");
                var seen = new StringBuilder();
                for (int i = 0; i < 3; i++) {
                    var message = consumer.message();
                    seen.append(message.body()).append(message.attempts()).append(' ');
                    consumer.send((message.body().equals("fine") ? "FIN " : "REQ ")
                            + message.id()
                            + (message.body().equals("fine") ? "\n" : " 0\n"));
                }

                assertThat(seen.toString()).contains("poison2 ", "poison3 ", "fine1 ");
                assertThat(dead.message().body()).isEqualTo("poison");
                Await.contains(() -> channel(broker), "\"deadLetterCount\":1", "\"depth\":0", "\"droppedCount\":0");
            }
        }
    }

    @Test
    void aDeadLetterSaysWhereItComesFromAndKeepsKeyAndBody() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"maxAttempts\":2,\"deadLetterTopic\":\"dead\"}");
            publish(broker, "first");
            try (var client = consumer(broker, 1)) {
                client.finish(client.message());
                client.send("XPUB t key=order-17\n" + sized("second"));
                client.expect("OK");
                refuse(client, 2);
                Await.contains(() -> channel(broker), "\"deadLetterCount\":1");
            }
        }

        try (var log = PartitionLog.open(
                        new DiskFiles(), data.resolve("shards/7/topics/dead"), LogSettings.defaults());
                var reader = log.reader()) {
            assertThat(reader.next()).isTrue();
            assertThat(text(reader, reader.position(), reader.length())).isEqualTo("second");
            assertThat(text(reader, reader.keyPosition(), reader.keyLength())).isEqualTo("order-17");
            var headers = reader.headers().all().stream()
                    .collect(Collectors.toMap(RecordHeaders.Header::name, RecordHeaders.Header::text));
            assertThat(headers)
                    .containsEntry("waystation-dead-letter-topic", "t")
                    .containsEntry("waystation-dead-letter-channel", "c")
                    .containsEntry("waystation-dead-letter-offset", "1")
                    .containsEntry("waystation-dead-letter-attempts", "2")
                    .containsEntry("waystation-dead-letter-reason", "max-attempts")
                    .containsKeys("waystation-dead-letter-published", "waystation-dead-letter-timestamp")
                    .containsKey("waystation-dead-letter-source")
                    .hasSize(8);
            assertThat(reader.next()).isFalse();
        }
    }

    private static String text(LogReader reader, int position, int length) {
        var bytes = new byte[length];
        reader.buffer().get(position, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void withoutADeadLetterTopicItIsDroppedAndCounted() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"maxAttempts\":2}");
            publish(broker, "poison", "fine");
            try (var consumer = consumer(broker, 1)) {
                for (int i = 0; i < 3; i++) {
                    var message = consumer.message();
                    consumer.send("REQ " + message.id() + " 0\n");
                }
                consumer.message();

                Await.contains(() -> channel(broker), "\"droppedCount\":1", "\"expiredCount\":0");
            }
        }
    }

    @Test
    void attemptsCountAcrossARestart() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"maxAttempts\":2,\"deadLetterTopic\":\"dead\"}");
            publish(broker, "poison");
            try (var consumer = consumer(broker, 1)) {
                assertThat(consumer.message().attempts()).isEqualTo(1);
            }
        }
        try (var broker = broker();
                var consumer = consumer(broker, 1);
                var dead = deadLetters(broker)) {
            var message = consumer.message();
            assertThat(message.attempts()).isEqualTo(2);
            consumer.send("REQ " + message.id() + " 3600000\n");

            assertThat(dead.message().body()).isEqualTo("poison");
        }
    }

    @Test
    void aConsumerThatLeavesDoesNotKeepAWornOutMessageAlive() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"maxAttempts\":1,\"deadLetterTopic\":\"dead\"}");
            publish(broker, "poison");
            try (var consumer = consumer(broker, 1)) {
                consumer.message();
            }
            try (var dead = deadLetters(broker)) {
                assertThat(dead.message().body()).isEqualTo("poison");
            }
        }
    }

    @Test
    void aCordonedBrokerTakesDeadLettersAndMakesTheirTopic() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"maxAttempts\":1,\"deadLetterTopic\":\"dead\"}");
            publish(broker, "poison");
            broker.send("PUT", "/waystation/v1/drain", "{\"cordoned\":true}");
            try (var consumer = consumer(broker, 1)) {
                refuse(consumer, 1);
                Await.contains(() -> channel(broker), "\"deadLetterCount\":1", "\"depth\":0");
                try (var dead = deadLetters(broker)) {
                    assertThat(dead.message().body()).isEqualTo("poison");
                }
            }
        }
    }

    @Test
    void aFullDiskKeepsTheMessageInItsChannelUntilThereIsRoom() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"maxAttempts\":1,\"deadLetterTopic\":\"dead\"}");
            publish(broker, "poison");
        }
        try (var broker = broker("--min-free-bytes=" + Long.MAX_VALUE);
                var consumer = consumer(broker, 1)) {
            refuse(consumer, 1);

            Await.contains(() -> channel(broker), "\"deferred\":1", "\"deadLetterCount\":0");
            Await.contains(() -> broker.get("/waystation/v1/drain").body(), "\"unfinished\":1");
        }
        try (var broker = broker();
                var dead = deadLetters(broker)) {
            assertThat(dead.message().body()).isEqualTo("poison");
            Await.contains(() -> channel(broker), "\"depth\":0", "\"deferred\":0");
        }
    }

    @Test
    void aDeadLetterTopicThatWasDeletedIsMadeAnew() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"maxAttempts\":1,\"deadLetterTopic\":\"dead\"}");
            for (int round = 0; round < 3; round++) {
                publish(broker, "poison" + round);
                try (var consumer = consumer(broker, 1)) {
                    refuse(consumer, 1);
                    Await.contains(
                            () -> broker.get("/stats?format=json&topic=dead").body(), "\"depth\":1,");
                }
                assertThat(broker.post("/topic/delete?topic=dead", "").status()).isEqualTo(200);
            }
        }
    }

    // ---- timeToLive

    @Test
    void aMessageTooOldIsDoneWithoutAnyConsumer() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"timeToLive\":\"100ms\"}");
            publish(broker, "1", "2", "3");

            Await.contains(
                    () -> channel(broker), "\"expiredCount\":3", "\"droppedCount\":3", "\"depth\":0", "\"floor\":3");
        }
    }

    @Test
    void aMessageTooOldGoesToTheDeadLetterTopicIfThereIsOne() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"timeToLive\":\"100ms\",\"deadLetterTopic\":\"dead\"}");
            publish(broker, "old");
            try (var dead = deadLetters(broker)) {
                assertThat(dead.message().body()).isEqualTo("old");
            }
            Await.contains(() -> channel(broker), "\"expiredCount\":1", "\"deadLetterCount\":1", "\"droppedCount\":0");
        }
    }

    @Test
    void aMessageInFlightIsTooOldOnlyWhenItComesBack() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"timeToLive\":\"200ms\"}");
            try (var consumer = consumer(broker, 2)) {
                publish(broker, "slow", "slower");
                var slow = consumer.message();
                var slower = consumer.message();
                publish(broker, "waiting");
                Await.contains(() -> channel(broker), "\"expiredCount\":1", "\"inFlight\":2");
                consumer.finish(slow);
                consumer.send("REQ " + slower.id() + " 0\n");

                Await.contains(() -> channel(broker), "\"expiredCount\":2", "\"inFlight\":0");
            }
        }
    }

    @Test
    void aDelayIsNoAge() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"timeToLive\":\"2s\"}");
            try (var client = consumer(broker, 1)) {
                client.send("DPUB t 2500\n" + sized("late"));
                client.expect("OK");

                assertThat(client.message().body()).isEqualTo("late");
            }
        }
    }

    // ---- messageTimeout, requeueBackoff

    @Test
    void aChannelsMessageTimeoutHoldsForThoseThatAskForNone() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"messageTimeout\":\"100ms\"}");
            publish(broker, "1");
            try (var asking = TestClient.open(broker.port())) {
                asking.send("IDENTIFY\n" + sized("{\"msg_timeout\":600000}") + "SUB t c\nRDY 1\n");
                asking.expect("OK");
                asking.expect("OK");
                asking.message();
                publish(broker, "2");
                try (var consumer = consumer(broker, 1)) {
                    assertThat(consumer.message().attempts()).isEqualTo(1);

                    assertThat(consumer.message().attempts()).isEqualTo(2);
                    assertThat(channel(broker)).contains("\"inFlight\":2");
                }
            }
        }
    }

    @Test
    void backoffHoldsAMessageBackWhateverTheConsumerSays() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"requeueBackoff\":{\"min\":\"300ms\",\"max\":\"1s\",\"factor\":3}}");
            try (var consumer = consumer(broker, 1)) {
                publish(broker, "again");
                var first = consumer.message();
                consumer.send("REQ " + first.id() + " 0\n");
                publish(broker, "meanwhile");
                var second = consumer.message();
                consumer.finish(second);

                assertThat(second.body()).isEqualTo("meanwhile");
                assertThat(consumer.message().attempts()).isEqualTo(2);
            }
        }
    }

    @Test
    void backoffHoldsAfterATimeoutToo() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"messageTimeout\":\"100ms\",\"requeueBackoff\":{\"min\":\"1h\",\"max\":\"1h\"}}");
            publish(broker, "again");
            try (var consumer = consumer(broker, 1)) {
                consumer.message();

                Await.contains(() -> channel(broker), "\"deferred\":1", "\"timeoutCount\":1", "\"depth\":0");
            }
        }
    }

    // ---- settings

    @Test
    void rulesLastAndWhatIsNotNamedStays() throws IOException, UsageException {
        var all =
                "{\"delivery\":\"KeyShared\",\"messageTimeout\":\"5s\",\"maxAttempts\":7,\"deadLetterTopic\":\"dead\","
                        + "\"timeToLive\":\"24h\",\"requeueBackoff\":{\"min\":\"1s\",\"max\":\"1m\",\"factor\":1.5}}";
        try (var broker = broker()) {
            declare(broker, all);
            rules(broker, "{\"maxAttempts\":null,\"timeToLive\":\"0s\",\"deadLetterTopic\":\"\"}");
            assertThat(broker.send("PUT", CHANNEL, "{\"settings\":null}").status())
                    .isEqualTo(200);
        }
        try (var broker = broker()) {
            var expected = all.replace("24h", "0s").replace("\"dead\"", "\"\"");
            assertThat(channel(broker)).contains("\"settings\":" + expected);
            assertThat(broker.get("/stats?format=json").body()).contains("\"settings\":" + expected);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
                    {"delivery":"shared"}             ~ delivery: 'shared' (expected: Shared, Exclusive, KeyShared)
                    {"maxAttempts":-1}                ~ maxAttempts: -1 (expected: 0 to 65535)
                    {"maxAttempts":"3"}               ~ maxAttempts: a whole number is expected
                    {"deadLetterTopic":"t"}           ~ deadLetterTopic: 't' (expected: another topic
                    {"deadLetterTopic":"d#ephemeral"} ~ deadLetterTopic: 'd#ephemeral' (expected: 1..64
                    {"deadLetterTopic":"d d"}         ~ deadLetterTopic: 'd d' (expected: 1..64
                    {"messageTimeout":"24h"}          ~ messageTimeout: 86400000 ms (expected: at most max-msg-timeout
                    {"timeToLive":"soon"}             ~ timeToLive: 'soon' (expected: a duration
                    {"requeueBackoff":{"min":"2s"}}   ~ requeueBackoff: 2000 to 0 ms (expected: 0 <= min <= max
                    {"colour":"red"}                  ~ settings.colour is not known
                    """)
    void rulesThatMakeNoSenseAreRefusedAndNothingIsMade(String settings, String message)
            throws IOException, UsageException {
        try (var broker = broker()) {
            broker.send("PUT", "/waystation/v1/topics/t", "{}");

            var answer = rules(broker, settings);

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("INVALID_VALUE", message);
            assertThat(broker.get(CHANNEL).status()).isEqualTo(404);
        }
    }

    @Test
    void aChangeIsMeasuredAgainstTheRulesThatAreThere() throws IOException, UsageException {
        try (var broker = broker()) {
            declare(broker, "{\"requeueBackoff\":{\"max\":\"10s\"}}");
            assertThat(rules(broker, "{\"requeueBackoff\":{\"min\":\"2s\"}}").status())
                    .isEqualTo(200);

            var answer = rules(broker, "{\"maxAttempts\":3,\"requeueBackoff\":{\"max\":\"1s\"}}");

            assertThat(answer.body()).contains("INVALID_VALUE", "requeueBackoff: 2000 to 1000 ms");
            assertThat(channel(broker))
                    .contains("\"maxAttempts\":0", "{\"min\":\"2s\",\"max\":\"10s\",\"factor\":2.0}");
        }
    }

    /// What kill -9 leaves: the files as they are at that moment.
    private static void copyTree(Path from, Path to) throws IOException {
        try (var paths = Files.walk(from)) {
            for (var path : (Iterable<Path>) paths::iterator) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    @Test
    void aKillOnTheWayToTheDeadLetterTopicLosesNothingAndRepeatsAtMost(@TempDir Path parent)
            throws IOException, UsageException {
        var killed = parent.resolve("killed");
        try (var broker = broker();
                var dead = deadLetters(broker)) {
            declare(broker, "{\"maxAttempts\":1,\"deadLetterTopic\":\"dead\"}");
            publish(broker, "poison");
            try (var consumer = consumer(broker, 1)) {
                refuse(consumer, 1);
                dead.message();
                copyTree(data, killed);
            }
        }
        try (var broker = new TestBroker(killed, "--node-id=7", "--loops=3");
                var dead = deadLetters(broker)) {
            Await.contains(() -> channel(broker), "\"depth\":0", "\"inFlight\":0");
            Await.contains(() -> broker.get("/stats?format=json&topic=dead").body(), "\"topic_name\"");
            var first = dead.message();
            dead.finish(first);

            assertThat(first.body()).isEqualTo("poison");
            var end = broker.get("/waystation/v1/topics/dead").body();
            assertThat(end).containsAnyOf("\"endOffset\":1,", "\"endOffset\":2,");
        }
    }

    @Test
    void emptyingAChannelEmptiesWhatIsDeferredForItAndForNoOther() throws IOException, UsageException {
        try (var broker = broker();
                var producer = TestClient.open(broker.port())) {
            broker.post("/topic/create?topic=t", "");
            broker.post("/channel/create?topic=t&channel=c", "");
            broker.post("/channel/create?topic=t&channel=other", "");
            producer.send("DPUB t 400\n" + sized("before"));
            producer.expect("OK");
            broker.post("/channel/empty?topic=t&channel=c", "");
            assertThat(channel(broker)).contains("\"deferred\":0");
            producer.send("DPUB t 600\n" + sized("after"));
            producer.expect("OK");
            producer.send(pub("t", "now"));
            producer.expect("OK");
            try (var consumer = consumer(broker, 10);
                    var other = TestClient.consumer(broker.port(), "t", "other", 10)) {
                assertThat(consumer.message().body()).isEqualTo("now");
                assertThat(consumer.message().body()).isEqualTo("after");
                assertThat(other.message().body()).isEqualTo("now");
                assertThat(other.message().body()).isEqualTo("before");
                assertThat(other.message().body()).isEqualTo("after");
            }
        }
    }

    @Test
    void whatWasEmptiedStaysAwayAfterARestart() throws IOException, UsageException {
        try (var broker = broker();
                var producer = TestClient.open(broker.port())) {
            broker.post("/topic/create?topic=t", "");
            broker.post("/channel/create?topic=t&channel=c", "");
            producer.send("DPUB t 500\n" + sized("before"));
            producer.expect("OK");
            broker.post("/channel/empty?topic=t&channel=c", "");
        }
        try (var broker = broker();
                var client = consumer(broker, 1)) {
            Await.contains(() -> channel(broker), "\"next\":1", "\"depth\":0");
            client.send(pub("t", "after"));
            client.expect("OK");

            assertThat(client.message().body()).isEqualTo("after");
        }
    }
}
