package io.waystation.channel;

import java.nio.file.Path;

/// Puts the entries of a bucket in the order of their due times: each as one number, its due time since the bucket's
/// start and then its own number. Immutable.
final class DueOrder {
    private static final int ENTRY_BITS = 31;
    private static final int ENTRY_MASK = Integer.MAX_VALUE;

    private final Path bucket;
    private final long startMs;
    private final long widthMs;

    DueOrder(Path bucket, long startMs, long widthMs) {
        this.bucket = bucket;
        this.startMs = startMs;
        this.widthMs = widthMs;
    }

    long packed(long dueMs, long entry) {
        if (entry > ENTRY_MASK) {
            throw new IllegalStateException(bucket + ": " + entry + " records (expected: at most " + ENTRY_MASK + ")");
        }
        long sinceStartMs = Math.max(0, Math.min(dueMs - startMs, widthMs));
        return sinceStartMs << ENTRY_BITS | entry;
    }

    long dueMs(long packed) {
        return startMs + (packed >>> ENTRY_BITS);
    }

    static int entry(long packed) {
        return (int) packed & ENTRY_MASK;
    }
}
