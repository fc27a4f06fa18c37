package io.waystation.channel;

/// How long a message that was given back or timed out waits before it is delivered again: `minMs` after the first
/// delivery, `factor` times as long after each further one, `maxMs` at most. A consumer that asks for a longer delay
/// gets that.
public record RequeueBackoff(long minMs, long maxMs, double factor) {
    /// At once, as in NSQ.
    public static final RequeueBackoff NONE = new RequeueBackoff(0, 0, 2);

    private static final double LARGEST_FACTOR = 100;

    public RequeueBackoff {
        if (minMs < 0 || minMs > maxMs || maxMs > Cursor.MAX_DELAY_MS) {
            throw new IllegalArgumentException("requeueBackoff: " + minMs + " to " + maxMs
                    + " ms (expected: 0 <= min <= max <= " + Cursor.MAX_DELAY_MS + ")");
        }
        if (!(factor >= 1 && factor <= LARGEST_FACTOR)) {
            throw new IllegalArgumentException(
                    "requeueBackoff.factor: " + factor + " (expected: 1 to " + LARGEST_FACTOR + ")");
        }
    }

    /// The delay after so many deliveries, at least 1.
    public long delayMs(int attempts) {
        return minMs == 0 ? 0 : (long) Math.min((double) maxMs, minMs * Math.pow(factor, attempts - 1.0));
    }
}
