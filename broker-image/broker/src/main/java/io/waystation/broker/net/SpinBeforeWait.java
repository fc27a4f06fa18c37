package io.waystation.broker.net;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.function.LongSupplier;

/// A loop whose rounds are short looks again for a moment before it sleeps.
///
/// A client that publishes one message after the other sends the next some microseconds after its answer.
/// To put the loop's thread to sleep and wake it takes longer than that where the processor would be idle
/// meanwhile; where it would not, the others get it (`yield`). After a round longer than the limit, its wait
/// included, the loop sleeps at once: a wake-up is a small part of such a round, and a broker that has nothing
/// to do uses no processor.
///
/// Confined to one event loop.
final class SpinBeforeWait implements SelectStrategy {
    static final long SHORT_ROUND_NANOS = 100_000;
    static final long SPIN_NANOS = 50_000;

    private final LongSupplier nanoClock;
    private long roundStart;

    SpinBeforeWait(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        roundStart = nanoClock.getAsLong();
    }

    @Override
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        var now = nanoClock.getAsLong();
        var spins = now - roundStart < SHORT_ROUND_NANOS;
        roundStart = now;
        if (hasTasks) {
            return selectNow.get();
        }
        return spins ? spin(selectNow) : SELECT;
    }

    private int spin(IntSupplier selectNow) throws Exception {
        var start = roundStart;
        while (true) {
            var ready = selectNow.get();
            roundStart = nanoClock.getAsLong();
            if (ready > 0) {
                return ready;
            }
            if (roundStart - start >= SPIN_NANOS) {
                return SELECT;
            }
            letOthersRun();
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // right whether or not somebody takes the offer
    private static void letOthersRun() {
        Thread.yield();
    }
}
