package io.waystation.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A consumer finds its brokers through lookups.
class ConsumerLookupTest {
    private static final ClientOptions OPTIONS = ClientOptions.defaults("vm", "test/1")
            .with("lookupd_poll_interval", "20ms")
            .withMaxInFlight(100);

    @TempDir
    private Path data;

    private LiveLookup lookup;
    private final List<LiveBroker> brokers = new ArrayList<>();
    private final Inbox inbox = new Inbox();

    @BeforeEach
    void startLookup() throws Exception {
        lookup = new LiveLookup();
    }

    @AfterEach
    void closeAll() throws IOException {
        for (var broker : brokers) {
            broker.close();
        }
        lookup.close();
    }

    private LiveBroker startBroker(String... flags) throws Exception {
        var path = Files.createDirectory(data.resolve("broker-" + brokers.size()));
        var all = new ArrayList<>(List.of(flags));
        all.add("--lookupd-tcp-address=" + lookup.tcpAddress());
        var broker = new LiveBroker(path, all.toArray(String[]::new));
        brokers.add(broker);
        broker.createChannel("events", "archive");
        lookup.awaitProducers("events", brokers.size());
        return broker;
    }

    private Consumer consume(ClientOptions options, String... lookups) throws IOException {
        var consumer = new Consumer("events", "archive", options, Sources.lookups(List.of(lookups)), inbox);
        consumer.start();
        return consumer;
    }

    @Test
    void aBrokerThatAppearsLaterIsFound() throws Exception {
        try (var _ = consume(OPTIONS, lookup.httpAddress())) {
            startBroker().publish("events", "first");
            inbox.await("first");

            startBroker().publish("events", "second");

            inbox.await("second");
        }
    }

    @Test
    void aBrokerThatVanishesTakesNothingOfTheOthersAlong() throws Exception {
        var stays = startBroker();
        var goes = startBroker();

        try (var _ = consume(OPTIONS, lookup.httpAddress())) {
            goes.await("events", "archive", "client_count", 1);
            goes.goAway();
            lookup.awaitProducers("events", 1);
            stays.publish("events", "one");

            inbox.await("one");
            Awaitility.await("all that is in flight is asked of the broker that stays")
                    .until(() -> stays.ready("events", "archive") == 100);
        }
    }

    @Test
    void aBrokerThatIsNoLongerNamedKeepsItsConsumers() throws Exception {
        var broker = startBroker();

        try (var _ = consume(OPTIONS, lookup.httpAddress())) {
            broker.await("events", "archive", "client_count", 1);
            lookup.close();
            broker.publish("events", "one");

            inbox.await("one");
        }
    }

    @Test
    void aLookupThatIsAwayDoesNotHideTheOthers() throws Exception {
        try (var _ = consume(OPTIONS, "127.0.0.1:1", lookup.httpAddress())) {
            startBroker().publish("events", "one");

            inbox.await("one");
        }
    }

    @Test
    void twoLookupsThatNameTheSameBrokerMakeOneConnection() throws Exception {
        try (var second = new LiveLookup()) {
            var broker = startBroker("--lookupd-tcp-address=" + second.tcpAddress());
            second.awaitProducers("events", 1);

            try (var _ = consume(OPTIONS, lookup.httpAddress(), second.httpAddress())) {
                broker.publish("events", "one");
                inbox.await("one");

                assertThat(broker.channel("events", "archive")
                                .get("client_count")
                                .number())
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void oneInFlightOverThreeBrokersGetsTheMessagesOfAll() throws Exception {
        for (int i = 0; i < 3; i++) {
            startBroker().publish("events", "message " + i);
        }
        var options =
                OPTIONS.withMaxInFlight(1).with("low_rdy_idle_timeout", "1s").with("rdy_redistribute_interval", "10ms");

        try (var _ = consume(options, lookup.httpAddress())) {
            inbox.awaitCount(3);
        }

        assertThat(inbox.bodies()).containsExactlyInAnyOrder("message 0", "message 1", "message 2");
    }
}
