package io.waystation.channel;

import io.waystation.log.LogSettings;

/// How the state of a partition's channels is written.
///
/// @param log of the state log itself
/// @param deltaIntervalMs a channel's changes are written so long after those before; what a crash makes come twice
/// @param deltaFinishes or after so many messages that were finished or deferred
/// @param checkpointBytes a checkpoint follows so many bytes of deltas, or four times its own size if that is more;
///     with the segments' size it bounds what is read at the start
public record CursorLogSettings(LogSettings log, long deltaIntervalMs, int deltaFinishes, int checkpointBytes) {
    private static final int SEGMENT_BYTES = 1024 * 1024;
    private static final int TAIL_BYTES = 16 * 1024;
    private static final long DELTA_INTERVAL_MS = 200;
    private static final int DELTA_FINISHES = 4096;
    private static final int CHECKPOINT_BYTES = 1024 * 1024;

    /// The defaults, for a log with small segments of its own.
    public static CursorLogSettings of(LogSettings partition) {
        var log = new LogSettings(
                SEGMENT_BYTES,
                Long.MAX_VALUE,
                TAIL_BYTES,
                partition.readBytes(),
                partition.buffers(),
                partition.ids(),
                partition.failures());
        return new CursorLogSettings(log, DELTA_INTERVAL_MS, DELTA_FINISHES, CHECKPOINT_BYTES);
    }
}
