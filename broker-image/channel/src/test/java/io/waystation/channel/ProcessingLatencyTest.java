package io.waystation.channel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessingLatencyTest {
    private final ProcessingLatency latency = new ProcessingLatency(1000, 0);

    private LatencyHistogram window(long nowMs) {
        var window = new LatencyHistogram();
        latency.addTo(window, nowMs);
        return window;
    }

    @Test
    void aMessageTakesFromItsPublishToItsFin() {
        latency.delivered(7, 100_000);

        latency.finished(7, 8, 100_040, 10);

        assertThat(window(10).count()).isEqualTo(1);
        assertThat(window(10).quantileMs(1)).isEqualTo(40);
    }

    @Test
    void whatTheWindowForgetsStaysInTheTotals() {
        latency.delivered(7, 100_000);
        latency.finished(7, 8, 100_040, 10);
        latency.delivered(8, 200_000);

        latency.finished(8, 9, 200_002, 5_000);

        assertThat(window(5_000).count()).isEqualTo(1);
        assertThat(latency.totalCount()).isEqualTo(2);
        assertThat(latency.totalMs()).isEqualTo(42);
    }

    @Test
    void aMessageDeliveredTwiceCountsOnce() {
        latency.delivered(7, 100_000);
        latency.delivered(7, 100_000);

        latency.finished(7, 8, 100_001, 10);
        latency.finished(7, 8, 100_001, 10);

        assertThat(window(10).count()).isEqualTo(1);
    }

    @Test
    void timesLastForHalfTheWindowAtLeastAndTheWholeAtMost() {
        latency.delivered(1, 0);
        latency.finished(1, 2, 5, 499);

        assertThat(window(501).count()).isEqualTo(1);
        assertThat(window(999).count()).isEqualTo(1);
        assertThat(window(1000).count()).isZero();
    }

    @Test
    void anIdleChannelForgetsBothHalves() {
        latency.delivered(1, 0);
        latency.finished(1, 2, 5, 10);

        assertThat(window(10_000).count()).isZero();
    }

    @Test
    void whatWasDroppedWithoutAFinIsForgottenOnceTheFloorIsPastIt() {
        latency.delivered(1, 0);
        latency.delivered(2, 0);
        latency.delivered(9, 0);

        latency.finished(2, 5, 5, 600);

        assertThat(latency.tracked()).isEqualTo(1);
    }

    @Test
    void noMoreThanTheBoundIsTracked() {
        for (long offset = 0; offset < ProcessingLatency.MAX_TRACKED + 10; offset++) {
            latency.delivered(offset, 0);
        }

        assertThat(latency.tracked()).isEqualTo(ProcessingLatency.MAX_TRACKED);
    }

    @Test
    void anEmptiedChannelMeasuresWhatComesAfter() {
        latency.delivered(1, 0);
        latency.onCursorMoved();

        latency.finished(1, 2, 5, 10);

        assertThat(window(10).count()).isZero();
    }
}
