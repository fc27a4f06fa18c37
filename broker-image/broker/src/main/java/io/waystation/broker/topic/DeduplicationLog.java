package io.waystation.broker.topic;

import io.waystation.log.FileStore;
import io.waystation.log.LogReader;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/// The memory of a topic's keys across restarts: a small log in the directory `keys`, made with the first key. Confined
/// to the topic's loop.
///
/// The keys themselves stand in the headers of the topic's records; here are their hashes, so that the start need
/// not read all of the window, which may be large or already deleted. They are written some time after the
/// messages. A record says up to which offset it is complete, and the start reads the rest in the topic's log:
///
/// ```
///  0         1      9           17
/// +---------+------+-----------+------------------------------------------------
/// | version | type | covered   | KEYS: per key high 8, low 8, time 8, place 8
/// +---------+------+-----------+------------------------------------------------
/// ```
///
/// A place is an offset in the topic's log, or with [#DEFERRED] that of a deferred message. CUT says that the log ended
/// at `covered` when it was opened: keys of messages from there on count no more.
/// DROPPED names keys that count no more.
final class DeduplicationLog {
    /// Set in the place of a deferred message.
    static final long DEFERRED = 1L << 62;

    private static final byte VERSION = 1;
    private static final byte KEYS = 1;
    private static final byte CUT = 2;
    private static final byte DROPPED = 3;
    private static final int COVERED_AT = 2;
    private static final int HEADER_LENGTH = 10;
    private static final int KEY_LENGTH = 4 * Long.BYTES;
    private static final int SEGMENT_BYTES = 1024 * 1024;
    private static final int TAIL_BYTES = 4096;
    /// Keys in one record.
    private static final int MAX_RECORD_KEYS = 4096;

    private final PartitionLog log;
    private long covered;
    private long[] pending = new long[4 * 16];
    private int pendingCount;

    private DeduplicationLog(PartitionLog log) {
        this.log = log;
    }

    static DeduplicationLog open(FileStore files, Path directory, LogSettings settings) throws IOException {
        return new DeduplicationLog(PartitionLog.open(
                files,
                directory,
                settings.withSegmentBytes(SEGMENT_BYTES)
                        .withSegmentMs(Long.MAX_VALUE)
                        .withTailBytes(TAIL_BYTES)));
    }

    PartitionLog log() {
        return log;
    }

    /// Keys of messages below the offset were written here.
    long covered() {
        return covered;
    }

    boolean hasPending() {
        return pendingCount > 0;
    }

    /// Fills the window with what was written; `endOffset` is the end of the topic's log.
    void read(KeyWindow window, long endOffset, long nowMs) throws IOException {
        try (LogReader reader = log.reader()) {
            while (reader.next()) {
                read(reader, window);
            }
        }
        if (covered > endOffset) {
            removeFrom(endOffset, window);
            covered = endOffset;
            // Else the next start would take new messages at these offsets for those that bore the keys.
            write(CUT, endOffset, 0, 0, nowMs);
            log.sync();
        }
    }

    private static void removeFrom(long offset, KeyWindow window) {
        window.removeIf(place -> place < DEFERRED && place >= offset, (high, low) -> {});
    }

    private void read(LogReader reader, KeyWindow window) throws IOException {
        var source = reader.buffer();
        int at = reader.position();
        int keys = (reader.length() - HEADER_LENGTH) / KEY_LENGTH;
        byte type = reader.length() < HEADER_LENGTH ? 0 : source.get(at + 1);
        if (type < KEYS || type > DROPPED || source.get(at) != VERSION) {
            throw new IOException("key record at offset " + reader.offset() + ": not version " + VERSION
                    + ", type up to " + DROPPED + " (a later release wrote it)");
        }
        covered = source.getLong(at + COVERED_AT);
        if (type == CUT) {
            removeFrom(covered, window);
        }
        for (int i = 0; i < keys; i++) {
            int key = at + HEADER_LENGTH + i * KEY_LENGTH;
            long high = source.getLong(key);
            long low = source.getLong(key + 8);
            if (type == DROPPED) {
                window.remove(high, low);
            } else if (window.contains(high, low)) {
                window.move(high, low, source.getLong(key + 24));
            } else {
                window.add(high, low, source.getLong(key + 16), source.getLong(key + 24));
            }
        }
    }

    /// Remembers a key until the next [#write].
    void add(long high, long low, long timeMs, long place) {
        if (4 * pendingCount == pending.length) {
            pending = Arrays.copyOf(pending, 2 * pending.length);
        }
        int at = 4 * pendingCount;
        pending[at] = high;
        pending[at + 1] = low;
        pending[at + 2] = timeMs;
        pending[at + 3] = place;
        pendingCount++;
    }

    /// Forgets keys for good; what was added before is written first.
    void drop(long[] highsAndLows, int count, long nowMs) throws IOException {
        write(covered, nowMs);
        for (int i = 0; i < count; i++) {
            add(highsAndLows[2 * i], highsAndLows[2 * i + 1], 0, 0);
        }
        for (int from = 0; from < count; from += MAX_RECORD_KEYS) {
            write(DROPPED, covered, from, Math.min(count, from + MAX_RECORD_KEYS), nowMs);
        }
        pendingCount = 0;
        log.sync();
    }

    /// Writes what was added; the keys of all messages below the offset are here then, not before: a
    /// write that fails leaves all of them to the next one, and a key that was written twice counts
    /// once.
    void write(long endOffset, long nowMs) throws IOException {
        int from = 0;
        while (pendingCount - from > MAX_RECORD_KEYS) {
            write(KEYS, covered, from, from + MAX_RECORD_KEYS, nowMs);
            from += MAX_RECORD_KEYS;
        }
        write(KEYS, endOffset, from, pendingCount, nowMs);
        covered = endOffset;
        pendingCount = 0;
    }

    private void write(byte type, long coveredEnd, int from, int to, long nowMs) throws IOException {
        var record = ByteBuffer.allocate(HEADER_LENGTH + (to - from) * KEY_LENGTH);
        record.put(VERSION).put(type).putLong(coveredEnd);
        for (int i = 4 * from; i < 4 * to; i++) {
            record.putLong(pending[i]);
        }
        log.add(nowMs, record, 0, record.capacity());
        log.append();
    }
}
