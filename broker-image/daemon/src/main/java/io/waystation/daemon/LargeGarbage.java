package io.waystation.daemon;

import java.util.concurrent.atomic.AtomicLong;

/// Large arrays that nobody needs any more, and when they are collected. Safe from any thread: a counter
/// and what it is compared with; two threads at once ask for one collection too many at worst.
///
/// Java's serial collector puts arrays beyond its young generation into the old one, and lets that grow up to the
/// largest heap before it looks there for garbage: a broker that is fed by large bodies would take gigabytes and hold
/// next to nothing. So a collection is asked for whenever as much was dropped as the heap has after the one before,
/// and never for less than [#LEAST_STEP_BYTES].
final class LargeGarbage {
    /// Smaller arrays find room in the young generation.
    static final int LARGE_BYTES = 256 * 1024;

    static final long LEAST_STEP_BYTES = 128L * 1024 * 1024;

    /// The heap as far as this needs it.
    interface Heap {
        void collect();

        long sizeBytes();
    }

    private static final Heap JAVA = new Heap() {
        @Override
        public void collect() {
            System.gc();
        }

        @Override
        public long sizeBytes() {
            return Runtime.getRuntime().totalMemory();
        }
    };

    private final Heap heap;
    private final AtomicLong droppedBytes = new AtomicLong();
    private volatile long stepBytes = LEAST_STEP_BYTES;

    LargeGarbage() {
        this(JAVA);
    }

    LargeGarbage(Heap heap) {
        this.heap = heap;
    }

    /// An array of that length is garbage now.
    void dropped(int bytes) {
        if (bytes >= LARGE_BYTES && droppedBytes.addAndGet(bytes) >= stepBytes) {
            droppedBytes.set(0);
            heap.collect();
            stepBytes = Math.max(LEAST_STEP_BYTES, heap.sizeBytes());
        }
    }
}
