package io.waystation.log;

import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// How logs are kept. `buffers` belongs to one loop, so settings do as well.
///
/// @param segmentBytes a segment is rolled before an append that would make it larger
/// @param segmentMs a segment is rolled when its first batch is so much older than the one to be appended
/// @param tailBytes recent bytes kept in memory for readers, per log that is in use
/// @param readBytes bytes read at once by a reader that is behind
/// @param ids gives each new log its identity
/// @param failures hears of each log that takes nothing any more, whoever was writing, before that one does
public record LogSettings(
        long segmentBytes,
        long segmentMs,
        int tailBytes,
        int readBytes,
        BufferPool buffers,
        Supplier<UUID> ids,
        Consumer<LogFailedException> failures) {

    private static final long DEFAULT_SEGMENT_BYTES = 100L * 1024 * 1024;
    private static final long DEFAULT_SEGMENT_MS = 7L * 24 * 60 * 60 * 1000;
    private static final int DEFAULT_TAIL_BYTES = 1024 * 1024;
    private static final int DEFAULT_READ_BYTES = 128 * 1024;

    public static LogSettings defaults() {
        return new LogSettings(
                DEFAULT_SEGMENT_BYTES,
                DEFAULT_SEGMENT_MS,
                DEFAULT_TAIL_BYTES,
                DEFAULT_READ_BYTES,
                new BufferPool(),
                UUID::randomUUID,
                _ -> {});
    }

    public LogSettings withSegmentBytes(long bytes) {
        return new LogSettings(bytes, segmentMs, tailBytes, readBytes, buffers, ids, failures);
    }

    public LogSettings withSegmentMs(long ms) {
        return new LogSettings(segmentBytes, ms, tailBytes, readBytes, buffers, ids, failures);
    }

    public LogSettings withTailBytes(int bytes) {
        return new LogSettings(segmentBytes, segmentMs, bytes, readBytes, buffers, ids, failures);
    }

    public LogSettings withFailures(Consumer<LogFailedException> listener) {
        return new LogSettings(segmentBytes, segmentMs, tailBytes, readBytes, buffers, ids, listener);
    }
}
