package io.waystation.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Backoff backoff = backoff(Backoff.Strategy.EXPONENTIAL, Duration.ofSeconds(5));

    private static Backoff backoff(Backoff.Strategy strategy, Duration max) {
        return new Backoff(strategy, Duration.ofSeconds(1), max, new SplittableRandom(7));
    }

    @Test
    void eachFailureDoublesTheWaitUpToTheMaximum() {
        backoff.failed(0);
        long first = backoff.remainingNs(0);
        backoff.failed(10 * SECOND);
        long second = backoff.remainingNs(10 * SECOND);
        backoff.failed(20 * SECOND);
        long third = backoff.remainingNs(20 * SECOND);
        backoff.failed(30 * SECOND);

        assertThat(first).isEqualTo(2 * SECOND);
        assertThat(second).isEqualTo(4 * SECOND);
        assertThat(third).isEqualTo(5 * SECOND);
        assertThat(backoff.remainingNs(30 * SECOND)).isEqualTo(5 * SECOND);
    }

    @Test
    void aFailureDuringTheWaitDoesNotProlongIt() {
        backoff.failed(0);

        backoff.failed(SECOND);

        assertThat(backoff.remainingNs(SECOND)).isEqualTo(SECOND);
    }

    @Test
    void asManySuccessesAsFailuresEndIt() {
        backoff.failed(0);
        backoff.failed(10 * SECOND);

        backoff.succeeded(20 * SECOND);
        boolean activeAfterOne = backoff.isActive();
        long waitAfterOne = backoff.remainingNs(20 * SECOND);
        backoff.succeeded(30 * SECOND);

        assertThat(activeAfterOne).isTrue();
        assertThat(waitAfterOne).isEqualTo(2 * SECOND);
        assertThat(backoff.isActive()).isFalse();
        assertThat(backoff.remainingNs(30 * SECOND)).isZero();
    }

    @Test
    void aSuccessDuringTheWaitDoesNotEndIt() {
        backoff.failed(0);

        backoff.succeeded(SECOND);

        assertThat(backoff.isActive()).isTrue();
    }

    @Test
    void aMaximumOfZeroMeansNone() {
        var none = backoff(Backoff.Strategy.EXPONENTIAL, Duration.ZERO);

        none.failed(0);

        assertThat(none.isActive()).isFalse();
    }

    @Test
    void fullJitterWaitsAnythingUpToTheExponentialWait() {
        var jittered = backoff(Backoff.Strategy.FULL_JITTER, Duration.ofSeconds(5));
        var waits = new HashSet<Long>();

        for (long i = 0; i < 100; i++) {
            jittered.failed(i * 10 * SECOND);
            waits.add(jittered.remainingNs(i * 10 * SECOND));
        }

        assertThat(waits)
                .hasSizeGreaterThan(90)
                .allSatisfy(wait -> assertThat(wait).isBetween(0L, 5 * SECOND));
    }

    @Test
    void aLevelBeyondAllNumbersStillWaitsTheMaximum() {
        for (long i = 0; i < 200; i++) {
            backoff.failed(i * 10 * SECOND);
        }

        assertThat(backoff.remainingNs(1990 * SECOND)).isEqualTo(5 * SECOND);
    }
}
