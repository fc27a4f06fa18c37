package io.waystation.daemon;

import java.util.concurrent.atomic.AtomicLongArray;

/// Answers of an HTTP server by the first digit of their status. Safe from any thread.
public final class HttpReplyCounts {
    /// Statuses are 1xx to 5xx.
    public static final int CLASSES = 5;

    private static final int STATUSES_PER_CLASS = 100;

    private final AtomicLongArray counts = new AtomicLongArray(CLASSES);

    void count(int status) {
        counts.getAndIncrement(status / STATUSES_PER_CLASS - 1);
    }

    /// Answers whose status begins with the digit, 1 to 5.
    public long ofClass(int digit) {
        return counts.get(digit - 1);
    }
}
