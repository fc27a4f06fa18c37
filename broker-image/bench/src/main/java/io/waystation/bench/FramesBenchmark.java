package io.waystation.bench;

import io.waystation.wire.Frames;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;

/// What framing a message for a consumer costs: its header, and its bytes copied behind it.
public class FramesBenchmark extends MessageBenchmark {
    private static final int FRAME_BYTES = Frames.MESSAGE_OVERHEAD + Load.MESSAGE_BYTES;
    private static final long TIME_NS = 1_800_000_000_000_000_000L;

    private final ByteBuffer source = ByteBuffer.allocateDirect(Load.MESSAGE_BYTES);
    private final ByteBuffer target = ByteBuffer.allocateDirect(Load.MESSAGES * FRAME_BYTES);
    private long nextId;

    @Benchmark
    public ByteBuffer message() {
        for (int i = 0; i < Load.MESSAGES; i++) {
            int at = i * FRAME_BYTES;
            Frames.putMessageHeader(target, at, Load.MESSAGE_BYTES, TIME_NS, 1, nextId++);
            target.put(at + Frames.MESSAGE_OVERHEAD, source, 0, Load.MESSAGE_BYTES);
        }
        return target;
    }
}
