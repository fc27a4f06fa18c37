package io.waystation.channel;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Until when messages are deferred that came back with a delay, in the cursor log:
///
/// ```
/// wall time | message ...
///
/// message: distance from the offset before (or 0)
///          how often it was delivered when it was deferred
///          what was left of the delay at that time, in milliseconds
/// ```
///
/// 1. A message is named once, when it is deferred, and again in each checkpoint. Nothing is written when its delay
///    ends: once it is delivered again its attempts are others, so what is said here is not about it any more.
/// 2. Delays go on while no process runs, so their end is told by the wall clock. Set forward meanwhile, it ends them
///    early by as much; set back, it makes nobody wait longer than what was left.
/// 3. An older release passes over these records: messages come at once there.
final class Deferrals {
    interface Sink {
        void deferred(long offset, int attempts, long leftMs);
    }

    private Deferrals() {}

    /// Writes of the offsets, from an index on, those that are deferred, until `target` has so many bytes; nothing when
    /// none is. Returns the index to go on from.
    static int write(Cursor cursor, long[] offsets, int from, Moment now, ByteWriter target, int limitBytes) {
        int start = target.length();
        long last = 0;
        int index = from;
        while (index < offsets.length && target.length() < limitBytes) {
            long offset = offsets[index++];
            long leftMs = cursor.deferredForMs(offset, now.nowMs());
            if (leftMs >= 0) {
                if (target.length() == start) {
                    target.number(Math.max(0, now.wallMs()));
                }
                target.number(offset - last).number(cursor.attempts(offset)).number(leftMs);
                last = offset;
            }
        }
        return index;
    }

    /// The wall time at which this was written.
    static long writtenMs(byte[] bytes) throws IOException {
        return new ByteReader(ByteBuffer.wrap(bytes), 0, bytes.length).number();
    }

    /// What is left of the delays at a later time.
    static void forEach(byte[] bytes, Moment now, Sink sink) throws IOException {
        var source = new ByteReader(ByteBuffer.wrap(bytes), 0, bytes.length);
        long passedMs = Math.max(0, now.wallMs() - source.number());
        long offset = 0;
        while (source.hasMore()) {
            offset += source.number();
            int attempts = (int) Math.min(source.number(), Slots.MAX_ATTEMPTS);
            long leftMs = Math.min(source.number(), Cursor.MAX_DELAY_MS);
            sink.deferred(offset, attempts, Math.max(0, leftMs - passedMs));
        }
    }
}
