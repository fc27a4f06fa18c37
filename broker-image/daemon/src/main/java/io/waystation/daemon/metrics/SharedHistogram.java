package io.waystation.daemon.metrics;

import java.util.concurrent.atomic.AtomicLongArray;

/// A [Histogram] into which any thread records: two atomic additions, for what takes microseconds at least. A copy may
/// hold a duration's count without its sum or the other way round.
public final class SharedHistogram {
    private static final int SUM_AT = Histogram.BUCKETS;

    private final AtomicLongArray figures = new AtomicLongArray(Histogram.BUCKETS + 1);

    public void record(long durationNs) {
        figures.getAndIncrement(Histogram.bucket(durationNs));
        figures.getAndAdd(SUM_AT, durationNs);
    }

    public Histogram copy() {
        var counts = new long[Histogram.BUCKETS];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = figures.get(i);
        }
        return new Histogram(counts, figures.get(SUM_AT));
    }
}
