package io.waystation.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void messagesAreSpreadOverTheSecond() {
        var throttle = new Throttle(4, 0);

        assertThat(throttle.waitNs(0)).isZero();
        assertThat(throttle.waitNs(0)).isEqualTo(SECOND / 4);
        assertThat(throttle.waitNs(SECOND / 4)).isEqualTo(SECOND / 4);
        assertThat(throttle.waitNs(SECOND / 2)).isEqualTo(SECOND / 4);
    }

    @Test
    void aPauseSavesUpOneSecondAndNoMore() {
        var throttle = new Throttle(10, 0);
        long now = 600 * SECOND;
        int atOnce = 0;

        while (throttle.waitNs(now) == 0) {
            atOnce++;
        }

        assertThat(atOnce).isEqualTo(11);
    }

    @Test
    void aRateThatDoesNotDivideASecondIsKeptInTheLongRun() {
        var throttle = new Throttle(3, 0);
        long now = 0;

        for (int i = 0; i <= 3000; i++) {
            now += throttle.waitNs(now);
        }

        assertThat(now).isBetween(1000 * SECOND - SECOND / 100, 1000 * SECOND);
    }

    @Test
    void zeroNeverWaits() {
        var throttle = new Throttle(0, 0);

        throttle.waitNs(0);

        assertThat(throttle.waitNs(0)).isZero();
    }
}
