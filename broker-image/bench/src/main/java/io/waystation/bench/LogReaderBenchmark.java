package io.waystation.bench;

import io.waystation.log.DiskFiles;
import io.waystation.log.LogReader;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/// What finding a message again costs when it is to be redelivered, by the number of records in its batch. The batch
/// has left memory, so it is in the file, which the system holds.
@OperationsPerInvocation(1)
public class LogReaderBenchmark extends MessageBenchmark {
    private static final long TIME_MS = 1_800_000_000_000L;

    @Param({"10", "1000", "20000"})
    private int recordsInBatch;

    private final SplittableRandom random = new SplittableRandom(1);
    private @Nullable Path directory;
    private @Nullable PartitionLog log;
    private @Nullable LogReader reader;
    private long next;

    @Setup(Level.Iteration)
    public void open() throws IOException {
        var made = Files.createTempDirectory("waystation-bench");
        directory = made;
        var filled = PartitionLog.open(new DiskFiles(), made, LogSettings.defaults());
        var message = ByteBuffer.allocateDirect(Load.MESSAGE_BYTES);
        for (int i = 0; i < recordsInBatch; i++) {
            filled.add(TIME_MS, message, 0, Load.MESSAGE_BYTES);
        }
        filled.append();
        filled.releaseTail();
        log = filled;
        reader = filled.reader();
    }

    /// Messages came back in any order.
    @Benchmark
    public long atRandom() throws IOException {
        return find(random.nextInt(recordsInBatch));
    }

    /// Every second one timed out.
    @Benchmark
    public long everySecond() throws IOException {
        next = next + 2 < recordsInBatch ? next + 2 : 0;
        return find(next);
    }

    private long find(long offset) throws IOException {
        var lookup = Objects.requireNonNull(reader);
        lookup.seek(offset);
        lookup.next();
        return lookup.offset();
    }

    @TearDown(Level.Iteration)
    public void close() throws IOException {
        Objects.requireNonNull(reader).close();
        Objects.requireNonNull(log).close();
        var made = Objects.requireNonNull(directory);
        try (var entries = Files.list(made)) {
            for (var entry : entries.toList()) {
                Files.delete(entry);
            }
        }
        Files.delete(made);
    }
}
