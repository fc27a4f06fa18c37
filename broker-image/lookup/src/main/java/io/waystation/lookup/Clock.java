package io.waystation.lookup;

import java.time.Instant;

/// Nanoseconds since 1970.
@FunctionalInterface
interface Clock {
    long wallNs();

    /// Begins at the system's date and goes on with its monotonic time: a corrected date makes no broker look silent.
    static Clock system() {
        var start = Instant.now();
        long originNs = Math.addExact(Math.multiplyExact(start.getEpochSecond(), 1_000_000_000L), start.getNano())
                - System.nanoTime();
        return () -> originNs + System.nanoTime();
    }
}
