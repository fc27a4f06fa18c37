package io.waystation.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before brokers are looked for again: the poll interval, spread by the jitter, while all is
/// well; after a failure or a lost connection a second, then twice as long each time, up to [#MAX_RETRY] or the
/// interval. Confined to one thread.
final class PollPause {
    private static final Duration MIN_RETRY = Duration.ofSeconds(1);
    private static final Duration MAX_RETRY = Duration.ofSeconds(15);

    private final Duration interval;
    private final double jitter;
    private final RandomGenerator random;
    private Duration retry;

    PollPause(Duration interval, double jitter, RandomGenerator random) {
        this.interval = interval;
        this.jitter = jitter;
        this.random = random;
        this.retry = shorter(MIN_RETRY, interval);
    }

    /// The pause while all is well.
    Duration regular() {
        return interval.plusNanos((long) (interval.toNanos() * jitter * random.nextDouble()));
    }

    /// The pause after something failed; the next one is longer.
    Duration retry() {
        var pause = retry;
        retry = shorter(retry.multipliedBy(2), shorter(MAX_RETRY, interval));
        return pause;
    }

    /// A regular pause passed without a failure.
    void reset() {
        retry = shorter(MIN_RETRY, interval);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
