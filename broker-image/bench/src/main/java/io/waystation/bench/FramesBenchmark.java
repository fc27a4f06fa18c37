package io.waystation.bench;

import io.waystation.wire.Frames;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What framing a message for a consumer costs: its header, and its bytes copied behind it.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Load.MESSAGES)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 2,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"})
public class FramesBenchmark {
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
