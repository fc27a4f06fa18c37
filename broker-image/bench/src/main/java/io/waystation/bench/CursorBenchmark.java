package io.waystation.bench;

import io.waystation.channel.Cursor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/// What a channel's state costs per message: delivered, and finished while so many others are in flight.
public class CursorBenchmark extends MessageBenchmark {
    private static final int OWNER = 1;
    private static final long NOW_MS = 1000;
    private static final long DEADLINE_MS = NOW_MS + 60_000;

    @Param({"200", "2500", "100000"})
    public int inFlight;

    private final Cursor cursor = new Cursor(0, 0);

    @Setup
    public void fill() {
        for (int i = 0; i < inFlight; i++) {
            deliver();
        }
    }

    private void deliver() {
        cursor.deliver(cursor.next(), OWNER, NOW_MS, DEADLINE_MS);
    }

    @Benchmark
    public long deliverAndFinish() {
        for (int i = 0; i < Load.MESSAGES; i++) {
            deliver();
            cursor.finish(cursor.next() - 1 - inFlight, OWNER);
        }
        return cursor.floor();
    }
}
