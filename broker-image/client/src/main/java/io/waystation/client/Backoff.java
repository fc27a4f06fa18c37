package io.waystation.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long a consumer takes nothing after its handler failed, as go-nsq does it: each failure raises the level,
/// each success lowers it. At every change above level 0 it waits for multiplier * 2^level, then lets one message
/// through, whose fate decides what comes next. At level 0 the consumer runs freely.
///
/// Confined to its consumer's lock; time is passed in.
final class Backoff {
    /// How the wait of a level is chosen.
    enum Strategy {
        EXPONENTIAL("exponential"),
        /// Anything up to the exponential wait, so that many consumers do not come back at once.
        FULL_JITTER("full_jitter");

        private final String optionValue;

        Strategy(String optionValue) {
            this.optionValue = optionValue;
        }

        String optionValue() {
            return optionValue;
        }
    }

    private final Strategy strategy;
    private final long multiplierNs;
    private final long maxNs;
    private final RandomGenerator random;
    private int level;
    private long waitEndsNs;

    /// @param max the longest wait; zero: there is no backoff
    Backoff(Strategy strategy, Duration multiplier, Duration max, RandomGenerator random) {
        this.strategy = strategy;
        this.multiplierNs = multiplier.toNanos();
        this.maxNs = max.toNanos();
        this.random = random;
    }

    /// A message failed. While waiting it says nothing new: it was under way before.
    void failed(long nowNs) {
        if (maxNs == 0 || remainingNs(nowNs) > 0) {
            return;
        }
        if (level == 0 || levelNs(level) < maxNs) {
            level++;
        }
        beginWait(nowNs);
    }

    /// A message was handled well.
    void succeeded(long nowNs) {
        if (level == 0 || remainingNs(nowNs) > 0) {
            return;
        }
        level--;
        if (level > 0) {
            beginWait(nowNs);
        }
    }

    private void beginWait(long nowNs) {
        long exponentialNs = Math.min(levelNs(level), maxNs);
        waitEndsNs = nowNs
                + switch (strategy) {
                    case EXPONENTIAL -> exponentialNs;
                    case FULL_JITTER -> (long) (random.nextDouble() * exponentialNs);
                };
    }

    private long levelNs(int level) {
        return (long) Math.scalb((double) multiplierNs, level);
    }

    /// Whether at most one message may be in flight.
    boolean isActive() {
        return level > 0;
    }

    /// How long nothing may be in flight; 0 when something may.
    long remainingNs(long nowNs) {
        return level == 0 ? 0 : Math.max(waitEndsNs - nowNs, 0);
    }
}
