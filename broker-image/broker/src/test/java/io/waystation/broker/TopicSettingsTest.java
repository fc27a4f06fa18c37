package io.waystation.broker;

import static io.waystation.broker.TestClient.pub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicSettingsTest {
    private static final String TOPIC = "/waystation/v1/topics/t";
    private static final String SETTINGS = "/waystation/v1/settings";

    @TempDir
    Path data;

    @TempDir
    Path copy;

    @Test
    void defaultsComeFromFlags() throws IOException, UsageException {
        try (var broker = new TestBroker(
                data,
                "--flush=disk",
                "--retention=bounded",
                "--retention-time=1h",
                "--retention-size=5000000",
                "--deduplication-window=5m",
                "--max-defer-timeout=2h",
                "--max-msg-size=1000")) {
            var topic = broker.send("PUT", TOPIC, "{}").body();

            assertThat(topic)
                    .contains(
                            "\"settings\":{\"flush\":\"disk\",\"retention\":{\"policy\":\"Bounded\",\"timeMs\":3600000,"
                                    + "\"sizeBytes\":5000000},\"deduplicationWindowMs\":300000,\"maxMessageBytes\":1000,"
                                    + "\"maxDeferMs\":7200000}");
        }
    }

    @Test
    void whatIsAbsentOrNullIsLeftAloneAndEverythingSurvivesAKill() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            broker.send("PUT", TOPIC, "{\"settings\":{\"maxMessageBytes\":100,\"flush\":\"disk\"}}");
            broker.send("PUT", TOPIC, "{\"settings\":{\"flush\":null,\"maxDeferMs\":86400000}}");
            broker.send("PUT", TOPIC, "{\"settings\":null,\"paused\":true}");
            TestBroker.killedCopy(data, copy);
        }

        try (var broker = new TestBroker(copy)) {
            assertThat(broker.get(TOPIC).body())
                    .contains(
                            "\"flush\":\"disk\"",
                            "\"policy\":\"Consumed\"",
                            "\"maxMessageBytes\":100",
                            "\"maxDeferMs\":86400000",
                            "\"paused\":true");
        }
    }

    @Test
    void wrongValuesAreRefusedWithWhatWouldBeRight() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            assertThat(broker.send("PUT", TOPIC, "{\"settings\":{\"flush\":\"ram\"}}")
                            .body())
                    .contains("INVALID_BODY", "settings.flush: one of [os, disk]");
            assertThat(broker.send("PUT", TOPIC, "{\"settings\":{\"retention\":{\"policy\":\"Bounded\"}}}")
                            .body())
                    .contains("INVALID_BODY", "timeMs or sizeBytes above 0");
            assertThat(broker.send("PUT", TOPIC, "{\"settings\":{\"maxMessageBytes\":0}}")
                            .body())
                    .contains("settings.maxMessageBytes: a number 1..");
            assertThat(broker.send("PUT", TOPIC, "{\"settings\":{\"flsh\":\"os\"}}")
                            .body())
                    .contains("no key settings.flsh");
        }
    }

    @Test
    void retentionWithinBoundsThatNobodyGaveIsRefused() {
        assertThatThrownBy(() -> new TestBroker(data, "--retention=bounded"))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "retention: bounded, without a bound (expected: retention-time or retention-size above 0 beside"
                                + " it, or consumed)");
    }

    @Test
    void settingsThatMakeNoSenseTogetherAreAllLeftAsTheyWere() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            var refused = broker.send("PUT", SETTINGS, "{\"retention\":\"bounded\",\"flush\":\"disk\"}");

            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.body()).contains("INVALID_VALUE", "retention: bounded, without a bound");
            assertThat(broker.get(SETTINGS).body()).contains("\"name\":\"flush\",\"value\":\"os\"");
            assertThat(broker.send("PUT", SETTINGS, "{\"retention\":\"bounded\",\"retention-time\":\"1h\"}")
                            .status())
                    .isEqualTo(200);
            assertThat(broker.send("PUT", SETTINGS, "{\"retention-time\":\"0s\"}")
                            .status())
                    .isEqualTo(400);
        }
    }

    @Test
    void aTopicMayTakeSmallerMessagesThanTheBroker() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var producer = TestClient.open(broker.port())) {
            broker.send("PUT", TOPIC, "{\"settings\":{\"maxMessageBytes\":3}}");
            producer.send(pub("t", "abc"));
            producer.expect("OK");
            assertThat(broker.post("/pub?topic=t", "abcd").body()).contains("MSG_TOO_BIG");
            assertThat(broker.post("/mpub?topic=t", "a\nabcd\n").body()).contains("MSG_TOO_BIG");

            producer.send(pub("t", "abcd"));

            producer.expect("E_PUB_FAILED PUB failed message too big 4 > 3");
            assertThat(broker.get(TOPIC).body()).contains("\"endOffset\":1");
        }
    }

    @Test
    void aTopicMayAllowLongerDelaysThanTheBroker() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--max-req-timeout=10s");
                var producer = TestClient.open(broker.port())) {
            assertThat(broker.post("/pub?topic=t&defer=10001", "x").body()).contains("INVALID_DEFER");
            broker.send("PUT", TOPIC, "{\"settings\":{\"maxDeferMs\":31536000000}}");

            producer.send("DPUB t 31536000000\n" + sized("in a year"));
            producer.expect("OK");
            assertThat(broker.post("/pub?topic=t&defer=31536000000", "x").body())
                    .isEqualTo("OK");
            assertThat(broker.get(TOPIC).body()).contains("\"deferred\":2");
            producer.send("DPUB t 31536000001\n" + sized("too late"));
            producer.expect("E_INVALID DPUB timeout 31536000001 out of range 0-31536000000");
        }
    }

    @Test
    void changedDefaultsReachTopicsThatSayNothingElse() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            broker.send("PUT", TOPIC, "{}");
            broker.send("PUT", "/waystation/v1/topics/own", "{\"settings\":{\"flush\":\"os\"}}");

            broker.send("PUT", "/waystation/v1/settings", "{\"flush\":\"disk\"}");

            assertThat(broker.get(TOPIC).body()).contains("\"flush\":\"disk\"");
            assertThat(broker.get("/waystation/v1/topics/own").body()).contains("\"flush\":\"os\"");
        }
    }
}
