package io.waystation.broker.net;

import java.util.concurrent.atomic.AtomicLong;

/// A number of things that all connections share. Safe from any thread: one counter.
final class Room {
    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    Room(long limit) {
        this.limit = limit;
    }

    /// Whether there was room for so many more.
    boolean take(long count) {
        if (taken.addAndGet(count) <= limit) {
            return true;
        }
        give(count);
        return false;
    }

    void give(long count) {
        taken.addAndGet(-count);
    }

    long taken() {
        return taken.get();
    }
}
