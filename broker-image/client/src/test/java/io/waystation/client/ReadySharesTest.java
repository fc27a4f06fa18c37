package io.waystation.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Turns end after 10 s without messages and after 30 s at the latest; a first failure makes the backoff wait for
/// 2 s.
class ReadySharesTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int BROKER_LIMIT = 2500;

    private final Window a = new Window(BROKER_LIMIT);
    private final Window b = new Window(BROKER_LIMIT);
    private final Window c = new Window(BROKER_LIMIT);

    /// Remembers the last RDY count.
    private static final class Window implements ReadyShares.Window {
        private final int limit;
        private int ready;

        Window(int limit) {
            this.limit = limit;
        }

        @Override
        public int maxReady() {
            return limit;
        }

        @Override
        public void ready(int count) {
            ready = count;
        }
    }

    private static ReadyShares shares(int maxInFlight, Window... windows) {
        var options = ClientOptions.defaults("host", "test").withMaxInFlight(maxInFlight);
        var backoff = new Backoff(
                Backoff.Strategy.EXPONENTIAL, Duration.ofSeconds(1), Duration.ofMinutes(2), new SplittableRandom(7));
        var shares = new ReadyShares(options, backoff);
        for (var window : windows) {
            shares.add(window, 0);
        }
        return shares;
    }

    private void assertReady(int... counts) {
        assertThat(new int[] {a.ready, b.ready, c.ready}).containsExactly(counts);
    }

    @Test
    void allConnectionsGetTheSame() {
        shares(200, a, b, c);

        assertReady(66, 66, 66);
    }

    @Test
    void aLostConnectionsShareGoesToTheOthers() {
        var shares = shares(200, a, b, c);

        shares.remove(c, 1);

        assertThat(a.ready).isEqualTo(100);
        assertThat(b.ready).isEqualTo(100);
    }

    @Test
    void noConnectionGetsMoreThanItsBrokerAllows() {
        var small = new Window(10);

        shares(200, small, a);

        assertThat(small.ready).isEqualTo(10);
        assertThat(a.ready).isEqualTo(100);
    }

    @Test
    void withFewerThanConnectionsSomeWait() {
        shares(2, a, b, c);

        assertReady(1, 1, 0);
    }

    @Test
    void aConnectionWithoutMessagesGivesItsTurnAway() {
        var shares = shares(1, a, b, c);

        shares.rebalance(10 * SECOND);
        assertReady(1, 0, 0);
        shares.rebalance(11 * SECOND);

        assertReady(0, 1, 0);
    }

    @Test
    void theTurnGoesRoundAllConnections() {
        var shares = shares(1, a, b, c);
        var turns = new StringBuilder();

        for (long i = 1; i <= 6; i++) {
            shares.rebalance(i * 11 * SECOND);
            turns.append(a.ready).append(b.ready).append(c.ready).append(' ');
        }

        assertThat(turns).hasToString("010 001 100 010 001 100 ");
    }

    @Test
    void aBusyConnectionGivesItsTurnAwayAfterLowRdyTimeout() {
        var shares = shares(1, a, b, c);

        for (int i = 1; i <= 30; i++) {
            shares.onMessage(a, i * SECOND);
            shares.onFinished(a, i * SECOND);
        }
        assertReady(1, 0, 0);
        shares.rebalance(31 * SECOND);

        assertReady(0, 1, 0);
    }

    @Test
    void whatIsStillInFlightAfterATurnCountsAsTaken() {
        var shares = shares(1, a, b, c);
        shares.onMessage(a, SECOND);

        shares.rebalance(31 * SECOND);
        assertReady(0, 0, 0);
        shares.onFinished(a, 32 * SECOND);

        assertReady(0, 1, 0);
    }

    @Test
    void aTurnOfALostConnectionGoesOn() {
        var shares = shares(1, a, b, c);

        shares.remove(a, SECOND);

        assertThat(b.ready).isEqualTo(1);
    }

    @Test
    void nobodyTakesTurnsWhenThereIsEnough() {
        var shares = shares(3, a, b, c);

        shares.rebalance(100 * SECOND);

        assertReady(1, 1, 1);
    }

    @Test
    void aFailureStopsAllThenOneMessageIsTriedThenAllGoOn() {
        var shares = shares(30, a, b, c);
        shares.onMessage(b, SECOND);

        shares.onFailed(b, SECOND);
        assertReady(0, 0, 0);
        shares.rebalance(3 * SECOND);
        assertReady(1, 0, 0);
        shares.onMessage(a, 4 * SECOND);
        shares.onFinished(a, 4 * SECOND);

        assertReady(10, 10, 10);
    }

    @Test
    void aTrialMovesOnFromAConnectionWithoutMessages() {
        var shares = shares(30, a, b, c);
        shares.onMessage(b, SECOND);
        shares.onFailed(b, SECOND);

        shares.rebalance(3 * SECOND);
        shares.rebalance(14 * SECOND);

        assertReady(0, 1, 0);
    }

    @Test
    void aReturnedMessageBeginsNoBackoff() {
        var shares = shares(30, a, b, c);
        shares.onMessage(b, SECOND);

        shares.onReturned(b, SECOND);

        assertReady(10, 10, 10);
    }

    @Test
    void noneInFlightMeansNone() {
        var shares = shares(0, a, b, c);

        shares.rebalance(100 * SECOND);

        assertReady(0, 0, 0);
    }
}
