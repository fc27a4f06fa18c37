package io.waystation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.client.Consumer.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsumerTest {
    private static final ClientOptions OPTIONS = ClientOptions.defaults("vm.example.org", "test/1")
            .with("default_requeue_delay", "0s")
            .with("max_backoff_duration", "0s")
            .withMaxInFlight(100);

    @TempDir
    private Path data;

    private LiveBroker broker;

    @BeforeEach
    void startBroker() throws Exception {
        broker = new LiveBroker(data);
        broker.createChannel("events", "archive");
    }

    @AfterEach
    void closeBroker() throws IOException {
        broker.close();
    }

    private Consumer consume(ClientOptions options, Consumer.Handler handler) throws IOException {
        var consumer =
                new Consumer("events", "archive", options, Sources.brokers(List.of(broker.tcpAddress())), handler);
        consumer.start();
        return consumer;
    }

    @Test
    void aHandledMessageIsFinished() throws Exception {
        var inbox = new Inbox();
        broker.publish("events", "one");

        try (var _ = consume(OPTIONS, inbox)) {
            inbox.await("one");
            broker.await("events", "archive", "in_flight_count", 0);
        }

        assertThat(broker.channel("events", "archive").get("depth").number()).isZero();
        assertThat(broker.channel("events", "archive").get("requeue_count").number())
                .isZero();
        assertThat(inbox.messages().getFirst().attempts()).isEqualTo(1);
    }

    @Test
    void aMessageWhoseHandlerFailsComesAgainWithItsAttempts() throws Exception {
        var inbox = Inbox.failing(2);
        broker.publish("events", "one");

        try (var _ = consume(OPTIONS, inbox)) {
            inbox.awaitCount(3);
            broker.await("events", "archive", "in_flight_count", 0);
        }

        assertThat(inbox.messages()).extracting(Message::attempts).containsExactly(1, 2, 3);
        assertThat(inbox.messages())
                .extracting(Message::id)
                .containsOnly(inbox.messages().getFirst().id());
        assertThat(broker.channel("events", "archive").get("requeue_count").number())
                .isEqualTo(2);
    }

    @Test
    void aFailedMessageWaitsForTheRequeueDelay() throws Exception {
        var inbox = Inbox.failing(1);
        broker.publish("events", "one");

        try (var _ = consume(OPTIONS.with("default_requeue_delay", "30m"), inbox)) {
            broker.await("events", "archive", "deferred_count", 1);
        }

        assertThat(inbox.messages()).hasSize(1);
    }

    @Test
    void theRequeueDelayIsNeverLongerThanItsMaximum() throws Exception {
        var inbox = Inbox.failing(1);
        broker.publish("events", "one");

        try (var _ = consume(OPTIONS.with("default_requeue_delay", "30m").with("max_requeue_delay", "10ms"), inbox)) {
            inbox.awaitCount(2);
        }

        assertThat(inbox.messages().getLast().attempts()).isEqualTo(2);
    }

    @Test
    void aMessageThatCameTooOftenIsFinishedUnhandled() throws Exception {
        var inbox = Inbox.failing(Integer.MAX_VALUE);
        broker.publish("events", "one");

        try (var _ = consume(OPTIONS.with("max_attempts", "2"), inbox)) {
            inbox.awaitCount(2);
            broker.await("events", "archive", "depth", 0);
            broker.await("events", "archive", "in_flight_count", 0);
        }

        assertThat(inbox.messages()).extracting(Message::attempts).containsExactly(1, 2);
    }

    @Test
    void aReturnedMessageIsThereForOthersAtOnce() throws Exception {
        broker.publish("events", "one");
        var options = OPTIONS.with("default_requeue_delay", "30m").with("max_backoff_duration", "2m");
        var calls = new AtomicInteger();

        try (var _ = consume(options, message -> calls.incrementAndGet() == 1 ? Outcome.REQUEUE : Outcome.FINISH)) {
            Awaitility.await("second delivery").until(() -> calls.get() == 2);
            broker.await("events", "archive", "in_flight_count", 0);
            assertThat(broker.ready("events", "archive")).isEqualTo(100);
        }

        assertThat(broker.channel("events", "archive").get("depth").number()).isZero();
    }

    @Test
    void failuresBeginABackoffAndSuccessEndsIt() throws Exception {
        var inbox = Inbox.failing(1);
        broker.publish("events", "one");
        var options = OPTIONS.with("max_backoff_duration", "2m").with("backoff_multiplier", "500ms");

        try (var _ = consume(options, inbox)) {
            inbox.awaitCount(1);
            Awaitility.await("nothing is asked for")
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> broker.ready("events", "archive") == 0);
            inbox.awaitCount(2);
            Awaitility.await("all is asked for").until(() -> broker.ready("events", "archive") == 100);
        }

        assertThat(inbox.messages()).extracting(Message::attempts).containsExactly(1, 2);
    }

    @Test
    void aBrokerThatWentAwayIsConnectedAgain() throws Exception {
        var inbox = new Inbox();

        try (var _ = consume(OPTIONS.with("lookupd_poll_interval", "20ms"), inbox)) {
            broker.publish("events", "before");
            inbox.await("before");
            broker.goAway();
            broker.comeBack();
            broker.publish("events", "after");
            inbox.await("after");
        }
    }

    @Test
    void givenBrokersOfWhichNoneCanBeReachedAreAFailure() throws Exception {
        try (var consumer =
                new Consumer("events", "archive", OPTIONS, Sources.brokers(List.of("127.0.0.1:1")), new Inbox())) {
            assertThatThrownBy(consumer::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot connect to 127.0.0.1:1: ");
        }
    }

    @Test
    void oneReachableBrokerOfSeveralIsEnough() throws Exception {
        var inbox = new Inbox();
        var sources = Sources.brokers(List.of("127.0.0.1:1", broker.tcpAddress()));

        try (var consumer = new Consumer("events", "archive", OPTIONS, sources, inbox)) {
            consumer.start();
            broker.publish("events", "one");
            inbox.await("one");
        }
    }

    @Test
    void whatTheBrokerShowsOfAConsumerIsWhatItsOptionsSay() throws Exception {
        var options = OPTIONS.with("client_id", "me").with("hostname", "here").with("sample_rate", "50");

        try (var _ = consume(options, new Inbox())) {
            broker.await("events", "archive", "client_count", 1);
            Awaitility.await("RDY").until(() -> broker.ready("events", "archive") == 100);
            var client = broker.channel("events", "archive")
                    .get("clients")
                    .elements()
                    .getFirst();

            assertThat(client.get("client_id").text()).isEqualTo("me");
            assertThat(client.get("hostname").text()).isEqualTo("here");
            assertThat(client.get("user_agent").text()).isEqualTo("test/1");
            assertThat(client.get("sample_rate").number()).isEqualTo(50);
        }
    }

    @Test
    void moreIsNotAskedForThanTheBrokerAllows() throws Exception {
        try (var _ = consume(OPTIONS.withMaxInFlight(1_000_000_000), new Inbox())) {
            Awaitility.await("RDY").until(() -> broker.ready("events", "archive") == 2500);
        }
    }

    @Test
    void aMessageTimesOutAfterTheAskedTime() throws Exception {
        var release = new CountDownLatch(1);
        broker.publish("events", "one");

        try (var _ = consume(OPTIONS.with("msg_timeout", "1s"), message -> {
            release.await();
            return Outcome.FINISH;
        })) {
            broker.await("events", "archive", "timeout_count", 1);
            release.countDown();
        }
    }

    @Test
    void heartbeatsAreAnsweredWhileTheHandlerIsBusy() throws Exception {
        var release = new CountDownLatch(1);
        var inbox = new Inbox();
        broker.publish("events", "one");

        try (var _ = consume(
                OPTIONS.withMaxInFlight(1).with("heartbeat_interval", "1s").with("read_timeout", "2s"), message -> {
                    release.await();
                    return inbox.handle(message);
                })) {
            broker.await("events", "archive", "in_flight_count", 1);
            broker.awaitLossOfMuteClient();
            broker.await("events", "archive", "client_count", 1);
            release.countDown();
            inbox.await("one");
            broker.await("events", "archive", "in_flight_count", 0);
        }

        assertThat(inbox.messages()).hasSize(1);
    }

    @Test
    void aSilentBrokerIsLost() throws Exception {
        try (var silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            var address = "127.0.0.1:" + silent.getLocalPort();
            var options = OPTIONS.with("read_timeout", "100ms").with("heartbeat_interval", "50ms");

            try (var consumer =
                    new Consumer("events", "archive", options, Sources.brokers(List.of(address)), new Inbox())) {
                assertThatThrownBy(consumer::start).hasMessageStartingWith("cannot connect to " + address);
            }
        }
    }

    @Test
    void closingHandlesWhatCameAndReturnsWhatDidNot() throws Exception {
        var inbox = new Inbox();
        var begun = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        for (int i = 0; i < 20; i++) {
            broker.publish("events", "message " + i);
        }

        var consumer = consume(OPTIONS.withMaxInFlight(5), message -> {
            begun.countDown();
            release.await();
            return inbox.handle(message);
        });
        begun.await();
        broker.await("events", "archive", "in_flight_count", 5);
        release.countDown();
        consumer.close();
        broker.await("events", "archive", "client_count", 0);
        broker.await("events", "archive", "in_flight_count", 0);

        int handled = inbox.messages().size();
        assertThat(handled).isGreaterThanOrEqualTo(5);
        assertThat(broker.channel("events", "archive").get("depth").number()).isEqualTo(20 - handled);
    }

    @Test
    void closingEndsThoughTheHandlerNeverDoes() throws Exception {
        var begun = new CountDownLatch(1);
        var never = new CountDownLatch(1);
        broker.publish("events", "one");

        var consumer = consume(OPTIONS, message -> {
            begun.countDown();
            never.await();
            return Outcome.FINISH;
        });
        begun.await();
        consumer.close();

        broker.await("events", "archive", "client_count", 0);
        broker.await("events", "archive", "depth", 1);
        never.countDown();
    }

    @Test
    void aNameThatNoBrokerAcceptsIsRefused() {
        assertThatThrownBy(() -> new Consumer("a b", "c", OPTIONS, Sources.lookups(List.of("x:1")), new Inbox()))
                .hasMessage("topic name 'a b' is not valid (expected: 1..64 of . _ - a-z A-Z 0-9)");
        assertThatThrownBy(() -> new Consumer("a", "", OPTIONS, Sources.lookups(List.of("x:1")), new Inbox()))
                .hasMessage("channel name '' is not valid (expected: 1..64 of . _ - a-z A-Z 0-9)");
    }

    @Test
    void anAddressWithoutPortIsRefused() {
        assertThatThrownBy(() -> Sources.brokers(List.of("localhost")))
                .hasMessage("address 'localhost' (expected: host:port)");
    }
}
