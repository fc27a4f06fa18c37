package io.waystation.daemon.metrics;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;

/// How long things took, by bounds from 10 µs to 10 s. Confined to whoever records, who hands out copies; recording
/// allocates nothing.
public final class Histogram {
    /// The largest duration of each bucket but the last.
    private static final long[] BOUNDS_NS = {
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000,
        25_000_000,
        50_000_000,
        100_000_000,
        250_000_000,
        500_000_000,
        1_000_000_000,
        2_500_000_000L,
        10_000_000_000L
    };

    static final int BUCKETS = BOUNDS_NS.length + 1;
    private static final int NANO_DIGITS = 9;
    private static final double NANOS_PER_SECOND = 1e9;

    private final long[] counts;
    private long sumNs;

    public Histogram() {
        this(new long[BUCKETS], 0);
    }

    Histogram(long[] counts, long sumNs) {
        this.counts = counts;
        this.sumNs = sumNs;
    }

    public void record(long durationNs) {
        counts[bucket(durationNs)]++;
        sumNs += durationNs;
    }

    /// Most durations are short, so the search begins there.
    static int bucket(long durationNs) {
        int index = 0;
        while (index < BOUNDS_NS.length && durationNs > BOUNDS_NS[index]) {
            index++;
        }
        return index;
    }

    public Histogram copy() {
        return new Histogram(counts.clone(), sumNs);
    }

    public long count() {
        return Arrays.stream(counts).sum();
    }

    /// How many took at most as long as the bucket's bound.
    long countUpTo(int bucket) {
        return Arrays.stream(counts, 0, bucket + 1).sum();
    }

    double sumSeconds() {
        return sumNs / NANOS_PER_SECOND;
    }

    /// The buckets' bounds in seconds as text.
    static List<String> bounds() {
        var bounds = new String[BUCKETS];
        for (int i = 0; i < BOUNDS_NS.length; i++) {
            bounds[i] = BigDecimal.valueOf(BOUNDS_NS[i], NANO_DIGITS)
                    .stripTrailingZeros()
                    .toPlainString();
            if (bounds[i].indexOf('.') < 0) {
                bounds[i] += ".0";
            }
        }
        bounds[BOUNDS_NS.length] = "+Inf";
        return List.of(bounds);
    }
}
