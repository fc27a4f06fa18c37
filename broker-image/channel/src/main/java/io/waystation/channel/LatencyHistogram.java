package io.waystation.channel;

import java.util.Arrays;

/// Counts of times by their length, in buckets that are exact up to 63 ms and no wider than a 32nd of what they hold
/// above it. At most [#MAX_BUCKETS] counts of 4 bytes, and only as many as the longest time needs. Confined to one
/// thread at a time.
///
/// ```
///   time      0 .. 63   64 .. 127   128 .. 255   ...   2^40 and above
///   width        1          2            4       ...        2^35
/// ```
public final class LatencyHistogram {
    /// Buckets in each doubling of the time.
    private static final int SHARES = 32;

    private static final int SHARE_BITS = 5;
    /// 34 years: what seems to have taken longer was published by somebody whose clock was wrong.
    private static final long LONGEST_MS = 1L << 40;

    static final int MAX_BUCKETS = bucket(LONGEST_MS) + 1;

    private int[] counts = {};
    private long count;
    private long longestMs;

    /// A time below 0, which a clock that was set back makes, counts as 0.
    public void add(long timeMs) {
        long bounded = Math.clamp(timeMs, 0, LONGEST_MS);
        int bucket = bucket(bounded);
        if (bucket >= counts.length) {
            counts = Arrays.copyOf(counts, Math.min(MAX_BUCKETS, bucket + SHARES));
        }
        counts[bucket]++;
        count++;
        longestMs = Math.max(longestMs, bounded);
    }

    public void add(LatencyHistogram other) {
        if (other.counts.length > counts.length) {
            counts = Arrays.copyOf(counts, other.counts.length);
        }
        for (int i = 0; i < other.counts.length; i++) {
            counts[i] += other.counts[i];
        }
        count += other.count;
        longestMs = Math.max(longestMs, other.longestMs);
    }

    public long count() {
        return count;
    }

    /// The time that so large a share of the times does not exceed; 0 when there are none.
    public long quantileMs(double share) {
        long rank = Math.max(1, (long) Math.ceil(share * count));
        long seen = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            seen += counts[bucket];
            if (seen >= rank) {
                return Math.min(longestIn(bucket), longestMs);
            }
        }
        return 0;
    }

    public void clear() {
        counts = new int[0];
        count = 0;
        longestMs = 0;
    }

    static int bucket(long timeMs) {
        int shift = Math.max(0, Long.SIZE - 1 - Long.numberOfLeadingZeros(timeMs | 1) - SHARE_BITS);
        return shift * SHARES + (int) (timeMs >> shift);
    }

    private static long longestIn(int bucket) {
        int shift = Math.max(0, bucket / SHARES - 1);
        return ((bucket - (long) shift * SHARES + 1) << shift) - 1;
    }
}
