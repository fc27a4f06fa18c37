package io.waystation.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a broker's connection bounds. What it answers is in the transcripts.
class LookupConnectionTest {
    private static final int MAX_LINE_BYTES = LookupConnection.MAX_LINE_BYTES;

    private final RegistrationDb registrations =
            new RegistrationDb(RegistrationLimits.defaults(), new TestClock(), Long.MAX_VALUE, Long.MAX_VALUE);

    private TestBroker connected() {
        var broker = new TestBroker(registrations, "10.0.0.1:50000");
        broker.send("  V1");
        return broker;
    }

    @Test
    void aLineOfJustTheLimitIsTaken() {
        var broker = connected();

        broker.send("PING" + " ".repeat(MAX_LINE_BYTES - "PING\n".length()) + "\n");

        assertThat(broker.answers()).containsExactly("OK");
    }

    @Test
    void aLineBeyondTheLimitIsRefused() {
        var broker = connected();

        broker.send("PING" + " ".repeat(MAX_LINE_BYTES + 1 - "PING\n".length()) + "\n");

        assertThat(broker.answers()).containsExactly("E_INVALID line too long (expected: at most 16384 bytes)");
    }

    @Test
    void aLineWithoutAnEndIsRefusedAtTheLimit() {
        var broker = connected();

        broker.sendByteByByte("x".repeat(MAX_LINE_BYTES));
        assertThat(broker.answers()).isEmpty();
        broker.send("x");

        assertThat(broker.answers()).containsExactly("E_INVALID line too long (expected: at most 16384 bytes)");
    }

    @Test
    void anInvalidCommandIsQuotedByteForByte() {
        var broker = connected();

        broker.send("\u00c3\u0000\u00ff\n");

        assertThat(broker.answers()).containsExactly("E_INVALID invalid command \u00c3\u0000\u00ff");
    }

    @Test
    void aBodyOfJustTheLimitIsTaken() {
        var broker = connected();
        var start = "{\"broadcast_address\":\"one\",\"tcp_port\":1,\"http_port\":2,\"version\":\"1.3.0\",\"pad\":\"";

        broker.send("IDENTIFY\n"
                + TestBroker.sized(start + "x".repeat(LookupConnection.MAX_BODY_BYTES - start.length() - 2) + "\"}"));

        assertThat(broker.answers()).singleElement().asString().startsWith("{\"broadcast_address\":\"lookup.example\"");
    }

    @Test
    void afterARefusalABoundedAmountIsReadAndDropped() {
        var broker = connected();
        broker.send("UNKNOWN\n");
        broker.answers();

        broker.send("x".repeat(1024 * 1024));
        assertThat(broker.isClosed()).isFalse();
        broker.send("x");

        assertThat(broker.isClosed()).isTrue();
        assertThat(broker.answers()).isEmpty();
    }

    @Test
    void aClientThatDoesNotReadIsNotReadFromUntilItDoes() {
        var broker = connected();
        broker.channel().unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        broker.channel().runPendingTasks();
        assertThat(broker.isReadFrom()).isFalse();

        broker.channel().unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        broker.channel().runPendingTasks();

        assertThat(broker.isReadFrom()).isTrue();
    }

    @Test
    void aSilentBrokerIsGone() {
        var broker = TestBroker.identified(registrations, "one");

        broker.pass(Duration.ofMillis(TestBroker.SILENCE_MS));

        assertThat(broker.isClosed()).isTrue();
        assertThat(registrations.producers()).isEmpty();
    }

    @Test
    void aBrokerThatPingsStays() {
        var broker = TestBroker.identified(registrations, "one");

        for (int i = 0; i < 3; i++) {
            broker.pass(Duration.ofMillis(TestBroker.SILENCE_MS - 1));
            broker.send("PING\n");
        }

        assertThat(broker.isClosed()).isFalse();
        assertThat(registrations.producers()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void garbageIsAnsweredAndCostsNobodyElseAnything(long seed) {
        System.out.println("seed " + seed);
        var random = new Random(seed);
        var other = TestBroker.identified(registrations, "other");
        other.send("REGISTER orders\n");

        for (int i = 0; i < 200; i++) {
            var broker = random.nextBoolean() ? connected() : TestBroker.identified(registrations, "garbage");
            var bytes = new StringBuilder();
            for (int length = random.nextInt(300); length > 0; length--) {
                bytes.append(random.nextInt(8) == 0 ? "IDENTIFY\n" : (char) random.nextInt(256));
            }
            broker.send(bytes.toString());
            broker.endOfStream();
            broker.leave();
        }

        other.send("PING\n");
        assertThat(other.answers()).containsExactly("OK", "OK");
        assertThat(registrations.producers())
                .singleElement()
                .satisfies(producer -> assertThat(registrations.topicsOf(producer))
                        .containsExactly(new RegistrationDb.NodeTopic("orders", false)));
        assertThat(registrations.registrationCount()).isEqualTo(1);
    }
}
