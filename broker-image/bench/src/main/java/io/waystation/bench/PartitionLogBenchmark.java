package io.waystation.bench;

import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;

/// What storing a message costs without the disk: copied into the open batch, its share of the seal and the checksum.
public class PartitionLogBenchmark extends MessageBenchmark {
    private static final long TIME_MS = 1_800_000_000_000L;

    private final ByteBuffer message = ByteBuffer.allocateDirect(Load.MESSAGE_BYTES);
    private @Nullable PartitionLog log;

    @Setup(Level.Iteration)
    public void open() throws IOException {
        // One segment, so that no roll lies in the measurement.
        log = PartitionLog.open(
                new VoidFiles(), Path.of("log"), LogSettings.defaults().withSegmentBytes(Long.MAX_VALUE / 2));
    }

    @Benchmark
    public long append() throws IOException {
        var target = Objects.requireNonNull(log);
        for (int i = 0; i < Load.MESSAGES; i++) {
            target.add(TIME_MS, message, 0, Load.MESSAGE_BYTES);
        }
        return target.append();
    }
}
