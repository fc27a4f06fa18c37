package io.waystation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProducerTest {
    private static final ClientOptions OPTIONS = ClientOptions.defaults("vm", "test/1");
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

    @TempDir
    private Path data;

    private LiveBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new LiveBroker(data, "--max-msg-size=1000");
        broker.createChannel("events", "archive");
    }

    @AfterEach
    void closeBroker() throws IOException {
        broker.close();
    }

    private Producer producer() throws IOException {
        return new Producer(broker.tcpAddress(), OPTIONS, ANSWER_TIMEOUT);
    }

    private static byte[] body(int length) {
        return "x".repeat(length).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void whatIsFlushedIsStored() throws Exception {
        try (var producer = producer()) {
            for (int i = 0; i < 5000; i++) {
                producer.publish("events", body(10));
            }
            producer.flush();

            assertThat(producer.acknowledged()).isEqualTo(5000);
        }

        assertThat(broker.channel("events", "archive").get("message_count").number())
                .isEqualTo(5000);
    }

    @Test
    void aRefusedMessageFailsWithTheBrokersWordsAndCountsWhatWasStored() throws Exception {
        try (var producer = producer()) {
            producer.publish("events", body(10));
            producer.publish("events", body(1001));

            assertThatThrownBy(producer::flush)
                    .isInstanceOf(IOException.class)
                    .hasMessage(broker.tcpAddress() + ": E_BAD_MESSAGE PUB message too big 1001 > 1000");
            assertThat(producer.acknowledged()).isEqualTo(1);
        }
    }

    @Test
    void theFirstFailureIsFinal() throws Exception {
        try (var producer = producer()) {
            producer.publish("events", body(1001));
            assertThatThrownBy(producer::flush).isInstanceOf(IOException.class);

            assertThatThrownBy(() -> producer.publish("events", body(10))).hasMessageContaining("E_BAD_MESSAGE");
        }
    }

    @Test
    void aBrokerThatWentAwayFailsThePublish() throws Exception {
        try (var producer = producer()) {
            producer.publish("events", body(10));
            producer.flush();

            broker.goAway();

            assertThatThrownBy(() -> {
                        while (true) {
                            producer.publish("events", body(10));
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(broker.tcpAddress() + ": ");
        }
    }

    @Test
    void heartbeatsKeepAnIdleProducerConnected() throws Exception {
        var options = OPTIONS.with("heartbeat_interval", "1s").with("read_timeout", "1500ms");

        try (var producer = new Producer(broker.tcpAddress(), options, ANSWER_TIMEOUT)) {
            broker.awaitLossOfMuteClient();
            producer.publish("events", body(10));
            producer.flush();

            assertThat(producer.acknowledged()).isEqualTo(1);
        }
    }

    @Test
    void aTopicNameThatNoBrokerAcceptsIsRefused() throws Exception {
        try (var producer = producer()) {
            assertThatThrownBy(() -> producer.publish("a b", body(10)))
                    .hasMessage("topic name 'a b' is not valid (expected: 1..64 of . _ - a-z A-Z 0-9)");
        }
    }

    @Test
    void aMissingAnswerFailsTheFlush() throws Exception {
        try (var server = new ScriptedServer("OK");
                var producer = new Producer(server.address(), OPTIONS, Duration.ofMillis(50))) {
            producer.publish("events", body(10));

            assertThatThrownBy(producer::flush).hasMessage(server.address() + ": no answer for 50ms");
        }
    }

    @Test
    void aConnectionStartsWhereLocalAddrSays() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        try (var server = new ScriptedServer("OK");
                var producer = new Producer(
                        server.address(), OPTIONS.with("local_addr", "127.0.0.1:" + port), ANSWER_TIMEOUT)) {
            producer.publish("events", body(1));

            assertThat(server.clientPort()).isEqualTo(port);
        }
    }
}
