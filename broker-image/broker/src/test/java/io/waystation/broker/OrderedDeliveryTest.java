package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrderedDeliveryTest {
    private static final String CHANNEL = "/waystation/v1/topics/t/channels/c";

    @TempDir
    Path data;

    private static void deliver(TestBroker broker, String delivery) throws IOException {
        broker.send("PUT", "/waystation/v1/topics/t", "{}");
        var answer = broker.send("PUT", CHANNEL, "{\"settings\":{\"delivery\":\"" + delivery + "\"}}");
        assertThat(answer.body()).contains("\"delivery\":\"" + delivery + "\"");
    }

    private static TestClient consumer(TestBroker broker, int ready) throws IOException {
        return TestClient.consumer(broker.port(), "t", "c", ready);
    }

    private static void publish(TestBroker broker, String... bodies) throws IOException {
        try (var producer = TestClient.open(broker.port())) {
            producer.send(mpub("t", bodies));
            producer.expect("OK");
        }
    }

    /// Each message is `key:number`, or has no key.
    private static void publishKeyed(TestBroker broker, String... bodies) throws IOException {
        try (var producer = TestClient.open(broker.port())) {
            for (var body : bodies) {
                int colon = body.indexOf(':');
                producer.send(
                        colon < 0
                                ? TestClient.pub("t", body)
                                : "XPUB t key=" + body.substring(0, colon) + "\n" + sized(body));
                producer.expect("OK");
            }
        }
    }

    private static void requeue(TestClient consumer, TestClient.Message message, long delayMs) throws IOException {
        consumer.send("REQ " + message.id() + " " + delayMs + "\n");
    }

    // ---- Exclusive

    @Test
    void oneConsumerGetsEverythingInOrderAndTheNextTakesOver() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            deliver(broker, "Exclusive");
            var first = consumer(broker, 10);
            try (var standby = consumer(broker, 10)) {
                publish(broker, "1", "2", "3");
                first.finish(first.message());
                assertThat(first.message().body()).isEqualTo("2");
                first.close();

                var bodies = new ArrayList<String>();
                for (int i = 0; i < 2; i++) {
                    var message = standby.message();
                    bodies.add(message.body() + " attempt " + message.attempts());
                    standby.finish(message);
                }
                assertThat(bodies).containsExactly("2 attempt 2", "3 attempt 1");
            }
        }
    }

    @Test
    void aConsumerThatSaidClsHandsOverWhenItsMessageIsDone() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var first = consumer(broker, 10);
                var standby = consumer(broker, 10)) {
            deliver(broker, "Exclusive");
            publish(broker, "1", "2");
            var message = first.message();
            first.send("CLS\n");
            first.expect("CLOSE_WAIT");
            first.finish(message);

            assertThat(standby.message().body()).isEqualTo("2");
        }
    }

    @Test
    void whatComesBackHoldsBackWhatFollows() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var consumer = consumer(broker, 10)) {
            deliver(broker, "Exclusive");
            publish(broker, "1", "2", "3");
            var order = new ArrayList<String>();
            for (int i = 0; i < 9; i++) {
                var message = consumer.message();
                order.add(message.body());
                switch (message.attempts()) {
                    case 1 -> requeue(consumer, message, 0);
                    case 2 -> requeue(consumer, message, 50);
                    default -> consumer.finish(message);
                }
            }

            assertThat(order).containsExactly("1", "1", "1", "2", "2", "2", "3", "3", "3");
        }
    }

    @Test
    void exclusiveOrderGoesOnAcrossARestart() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var consumer = consumer(broker, 10)) {
            deliver(broker, "Exclusive");
            publish(broker, "1", "2", "3");
            consumer.finish(consumer.message());
            consumer.message();
        }
        try (var broker = new TestBroker(data);
                var consumer = consumer(broker, 10)) {
            var second = consumer.message();
            consumer.finish(second);

            assertThat(second.body()).isEqualTo("2");
            assertThat(second.attempts()).isEqualTo(2);
            assertThat(consumer.message().body()).isEqualTo("3");
        }
    }

    @Test
    void anotherDeliveryBeginsWhenAllThatIsUnderWayIsBack() throws IOException, UsageException {
        try (var broker = new TestBroker(data);
                var consumer = consumer(broker, 2)) {
            publish(broker, "1", "2", "3", "4");
            var one = consumer.message();
            var two = consumer.message();
            deliver(broker, "Exclusive");
            consumer.finish(two);
            requeue(consumer, one, 0);
            var order = new ArrayList<String>();
            for (int i = 0; i < 3; i++) {
                var message = consumer.message();
                order.add(message.body());
                consumer.finish(message);
            }

            assertThat(order).containsExactly("1", "3", "4");
        }
    }

    // ---- KeyShared

    @Test
    void messagesOfOneKeyComeOneByOneAndOthersMeanwhile() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            deliver(broker, "KeyShared");
            publishKeyed(broker, "a:1", "a:2", "b:1", "a:3", "none", "b:2");
            try (var consumer = consumer(broker, 10)) {
                var bodies = new TreeSet<String>();
                var held = new ArrayList<TestClient.Message>();
                for (int i = 0; i < 3; i++) {
                    held.add(consumer.message());
                    bodies.add(held.getLast().body());
                }
                assertThat(bodies).containsExactly("a:1", "b:1", "none");
                for (var message : held) {
                    if (message.body().equals("a:1")) {
                        requeue(consumer, message, 100);
                    } else {
                        consumer.finish(message);
                    }
                }

                var order = new ArrayList<String>();
                for (int i = 0; i < 4; i++) {
                    var message = consumer.message();
                    order.add(message.body());
                    consumer.finish(message);
                }
                assertThat(order).containsExactly("b:2", "a:1", "a:2", "a:3");
            }
        }
    }

    @Test
    void eachKeyHasOneConsumerAndItsOrder() throws IOException, UsageException {
        int keys = 50;
        int rounds = 20;
        try (var broker = new TestBroker(data)) {
            deliver(broker, "KeyShared");
            var consumers = List.of(consumer(broker, 5), consumer(broker, 5), consumer(broker, 5));
            for (int round = 0; round < rounds; round++) {
                var bodies = new String[keys];
                for (int key = 0; key < keys; key++) {
                    bodies[key] = "k" + key + ":" + round;
                }
                publishKeyed(broker, bodies);
            }

            int[] nextRound = new int[keys];
            int[] owner = new int[keys];
            int left = keys * rounds;
            while (left > 0) {
                for (int index = 0; index < consumers.size(); index++) {
                    var consumer = consumers.get(index);
                    while (consumer.hasInput()) {
                        var message = consumer.message();
                        int colon = message.body().indexOf(':');
                        int key = Integer.parseInt(message.body().substring(1, colon));
                        assertThat(message.body()).isEqualTo("k" + key + ":" + nextRound[key]++);
                        assertThat(owner[key]).isIn(0, index + 1);
                        owner[key] = index + 1;
                        consumer.finish(message);
                        left--;
                    }
                }
                Thread.onSpinWait();
            }
            assertThat(owner).contains(1, 2, 3);
            for (var consumer : consumers) {
                consumer.close();
            }
        }
    }

    @Test
    void whatAConsumerHeldGoesToTheNewOwnerBeforeWhatFollows() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            deliver(broker, "KeyShared");
            publishKeyed(broker, "a:1", "a:2");
            var leaving = consumer(broker, 10);
            assertThat(leaving.message().body()).isEqualTo("a:1");
            try (var heir = consumer(broker, 10)) {
                leaving.close();
                var again = heir.message();
                heir.finish(again);

                assertThat(again.body()).isEqualTo("a:1");
                assertThat(again.attempts()).isEqualTo(2);
                assertThat(heir.message().body()).isEqualTo("a:2");
            }
        }
    }

    @Test
    void orderPerKeyGoesOnAcrossARestart() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            deliver(broker, "KeyShared");
            publishKeyed(broker, "a:1", "a:2", "b:1", "b:2");
            try (var consumer = consumer(broker, 10)) {
                consumer.message();
                consumer.message();
            }
        }
        try (var broker = new TestBroker(data);
                var consumer = consumer(broker, 10)) {
            publishKeyed(broker, "a:3");
            var ofA = new ArrayList<String>();
            for (int i = 0; i < 5; i++) {
                var message = consumer.message();
                if (message.body().startsWith("a")) {
                    ofA.add(message.body());
                }
                consumer.finish(message);
            }

            assertThat(ofA).containsExactly("a:1", "a:2", "a:3");
        }
    }

    @Test
    void aDeadLetterHoldsItsLaneNoLongerThanItTakes() throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            deliver(broker, "KeyShared");
            broker.send("PUT", CHANNEL, "{\"settings\":{\"maxAttempts\":1,\"deadLetterTopic\":\"dead\"}}");
            publishKeyed(broker, "a:1", "a:2");
            try (var consumer = consumer(broker, 10)) {
                requeue(consumer, consumer.message(), 0);

                assertThat(consumer.message().body()).isEqualTo("a:2");
            }
        }
    }
}
