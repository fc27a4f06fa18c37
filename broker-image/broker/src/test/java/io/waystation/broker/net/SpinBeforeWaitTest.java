package io.waystation.broker.net;

import static io.netty.channel.SelectStrategy.SELECT;
import static io.waystation.broker.net.SpinBeforeWait.SHORT_ROUND_NANOS;
import static io.waystation.broker.net.SpinBeforeWait.SPIN_NANOS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpinBeforeWaitTest {
    private static final int LOOK_NANOS = 1_000;

    private long now;
    private int looks;
    private int readyAtLook = Integer.MAX_VALUE;
    private final SpinBeforeWait strategy = new SpinBeforeWait(() -> now);

    @Test
    void afterALongRoundTheLoopSleepsAtOnce() throws Exception {
        now += SHORT_ROUND_NANOS;

        assertThat(strategy.calculateStrategy(this::look, false)).isEqualTo(SELECT);
        assertThat(looks).isZero();
    }

    @Test
    void afterAShortRoundItLooksUntilSomethingIsReady() throws Exception {
        readyAtLook = 7;

        assertThat(strategy.calculateStrategy(this::look, false)).isEqualTo(1);
        assertThat(looks).isEqualTo(7);
    }

    @Test
    void whenNothingComesItSleepsAfterAMoment() throws Exception {
        assertThat(strategy.calculateStrategy(this::look, false)).isEqualTo(SELECT);
        assertThat(looks).isEqualTo((int) (SPIN_NANOS / LOOK_NANOS));
    }

    @Test
    void aSleepAfterSpinningInVainMakesTheNextRoundLong() throws Exception {
        strategy.calculateStrategy(this::look, false);
        now += SHORT_ROUND_NANOS;
        looks = 0;

        assertThat(strategy.calculateStrategy(this::look, false)).isEqualTo(SELECT);
        assertThat(looks).isZero();
    }

    @Test
    void theTimeSpentSpinningDoesNotMakeARoundLong() throws Exception {
        readyAtLook = 40;
        strategy.calculateStrategy(this::look, false);
        now += SHORT_ROUND_NANOS - 1;
        looks = 0;
        readyAtLook = 2;

        assertThat(strategy.calculateStrategy(this::look, false)).isEqualTo(1);
    }

    @Test
    void tasksWaitForNothing() throws Exception {
        assertThat(strategy.calculateStrategy(this::look, true)).isZero();
        assertThat(looks).isEqualTo(1);
    }

    private int look() {
        now += LOOK_NANOS;
        return ++looks == readyAtLook ? 1 : 0;
    }
}
