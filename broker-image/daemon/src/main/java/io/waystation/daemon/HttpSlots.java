package io.waystation.daemon;

import java.util.concurrent.Semaphore;

/// The large answers that are made or sent at once, and their bound; others wait. Safe from any thread: one semaphore.
final class HttpSlots {
    private final Semaphore free;

    HttpSlots(int limit) {
        this.free = new Semaphore(limit, true);
    }

    /// Waits for a free one.
    void take() {
        free.acquireUninterruptibly();
    }

    void give() {
        free.release();
    }

    int freeCount() {
        return free.availablePermits();
    }
}
