package io.waystation.daemon;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// The bytes that the bodies of all requests take together, and their bound. Safe from any thread: one counter.
///
/// A body that is alone is within the bound whatever its size: its route has a limit of its own.
final class HttpBodies {
    private final long limitBytes;
    private final AtomicLong takenBytes = new AtomicLong();
    private final LongAdder refused = new LongAdder();
    private final LargeGarbage garbage;

    HttpBodies(long limitBytes) {
        this(limitBytes, new LargeGarbage());
    }

    HttpBodies(long limitBytes, LargeGarbage garbage) {
        this.limitBytes = limitBytes;
        this.garbage = garbage;
    }

    /// Whether there is room for a body that has some bytes to take more, which are then taken.
    boolean take(int bytes, int hasBytes) {
        long taken = takenBytes.addAndGet(bytes);
        if (taken <= limitBytes || taken == hasBytes + (long) bytes) {
            return true;
        }
        takenBytes.addAndGet(-bytes);
        refused.increment();
        return false;
    }

    void give(int bytes) {
        takenBytes.addAndGet(-bytes);
    }

    /// An array of that length holds no body any more.
    void dropped(int bytes) {
        garbage.dropped(bytes);
    }

    long takenBytes() {
        return takenBytes.get();
    }

    /// How often there was no room.
    long refusedCount() {
        return refused.sum();
    }
}
