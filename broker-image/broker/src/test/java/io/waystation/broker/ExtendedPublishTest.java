package io.waystation.broker;

import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExtendedPublishTest {
    @TempDir
    Path data;

    @Test
    void theAnswerToIdentifyNamesItsAttributes() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n" + sized("{\"feature_negotiation\":true}"));

            assertThat(client.response()).contains("\"xpub\":[\"key\",\"defer\",\"dedup\"]");
        }
    }

    @Test
    void itsMessageIsStoredAndDeliveredAsAnyOther() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--loops=3");
                var client = TestClient.open(broker.port())) {
            // Topics on every loop: some are the connection's own, some are handed over.
            for (int i = 0; i < 6; i++) {
                client.send("XPUB t" + i + " key=order-" + i + "\n" + sized("body" + i));
                client.expect("OK");
            }
            for (int i = 0; i < 6; i++) {
                try (var consumer = TestClient.consumer(broker.port(), "t" + i, "c", 1)) {
                    assertThat(consumer.message().body()).isEqualTo("body" + i);
                }
            }
        }
    }

    @Test
    void aDelayHoldsForAMessageWithAKeyToo() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.consumer(broker.port(), "t", "c", 10)) {
            client.send("XPUB t defer=300&key=k\n" + sized("late") + "XPUB t key=k\n" + sized("early"));
            client.expect("OK");
            client.expect("OK");
            var bodies = new ArrayList<String>();
            bodies.add(client.message().body());
            bodies.add(client.message().body());

            assertThat(bodies).containsExactly("early", "late");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
                    XPUB t       ~ E_INVALID XPUB insufficient number of parameters
                    XPUB t! a=1  ~ E_BAD_TOPIC XPUB topic name "t!" is not valid
                    XPUB t a=1   ~ E_INVALID XPUB attribute "a" is not known (expected: key, defer, dedup)
                    XPUB t key=  ~ E_INVALID XPUB key of 0 bytes (expected: 1..1024)
                    """)
    void mistakesAreNamedAndEndTheConnection(String line, String error) throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var client = TestClient.open(broker.port())) {
            client.send(line + "\n");

            assertThat(client.lastResponseBeforeClose()).isEqualTo(error);
        }
    }

    @Test
    void bodiesAreBoundedAsThoseOfPub() throws IOException, UsageException {
        try (var broker = new TestBroker(data, "--max-msg-size=10");
                var client = TestClient.open(broker.port())) {
            client.send("XPUB t key=a\n" + sized("x".repeat(11)));

            assertThat(client.lastResponseBeforeClose()).isEqualTo("E_BAD_MESSAGE XPUB message too big 11 > 10");
        }
    }

    @Test
    void httpTakesAKeyAndRefusesOneThatIsNone() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            assertThat(broker.post("/pub?topic=t&key=order-17", "x").body()).isEqualTo("OK");
            assertThat(broker.post("/pub?topic=t&key=", "x").body()).contains("INVALID_KEY");
            assertThat(broker.post("/pub?topic=t&key=" + "k".repeat(1025), "x").status())
                    .isEqualTo(400);
        }
    }
}
