package io.waystation.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyHistogramTest {
    private static final long DEFAULT_SEED = 20261125;

    private final LatencyHistogram histogram = new LatencyHistogram();

    @Test
    void withoutTimesEveryQuantileIsZero() {
        assertThat(histogram.quantileMs(0.99)).isZero();
        assertThat(histogram.count()).isZero();
    }

    @Test
    void shortTimesAreExact() {
        LongStream.rangeClosed(1, 60).forEach(histogram::add);

        assertThat(histogram.quantileMs(0.5)).isEqualTo(30);
        assertThat(histogram.quantileMs(1)).isEqualTo(60);
    }

    @Test
    void quantilesAreThoseOfSortedTimesToAThirtySecond() {
        long seed = Long.getLong("seed", DEFAULT_SEED);
        var random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            var times = new LatencyHistogram();
            long[] sorted = new long[1 + random.nextInt(500)];
            for (int i = 0; i < sorted.length; i++) {
                sorted[i] = random.nextLong(1L << (1 + random.nextInt(39)));
                times.add(sorted[i]);
            }
            Arrays.sort(sorted);
            double share = random.nextDouble(0.001, 1);
            long exact = sorted[(int) Math.max(1, Math.ceil(share * sorted.length)) - 1];

            assertThat(times.quantileMs(share))
                    .as("share %s, again with -Dseed=%d", share, seed)
                    .isBetween(exact, exact + exact / 32);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE})
    void aClockThatWasSetBackMakesZero(long timeMs) {
        histogram.add(timeMs);

        assertThat(histogram.quantileMs(1)).isZero();
        assertThat(histogram.count()).isEqualTo(1);
    }

    @Test
    void theLongestTimeHasABucketAndNoMoreThanTheBound() {
        histogram.add(Long.MAX_VALUE);

        assertThat(histogram.quantileMs(1)).isEqualTo(1L << 40);
        assertThat(LatencyHistogram.MAX_BUCKETS).isLessThan(1200);
    }

    @Test
    void mergedHistogramsCountBoth() {
        var other = new LatencyHistogram();
        histogram.add(5);
        other.add(5000);
        other.add(5000);

        histogram.add(other);

        assertThat(histogram.count()).isEqualTo(3);
        assertThat(histogram.quantileMs(0.3)).isEqualTo(5);
        assertThat(histogram.quantileMs(1)).isEqualTo(5000);
    }
}
