package io.waystation.log;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Where offsets and times are in one segment, about one entry each 4 KiB of log. Grows in memory while the segment is
/// written to; at the seal it goes to two files, each entries and then a footer:
///
/// ```
/// .index      (int32 relative offset, int32 position)...      an append that ended with the offset began there
/// .timeindex  (int64 time, int32 relative offset)...          no record up to the offset is younger than the time
/// footer      int64 segment size | int64 end offset | int64 largest time | int32 magic | int32 CRC-32C of all before
/// ```
///
/// The footer vouches for a segment that was synced before the footer was written: its size, where it ends, and that
/// the entries are whole. Entries are as in Kafka, which has no footer.
final class SegmentIndex {
    static final int OFFSET_ENTRY_LENGTH = 8;
    static final int TIME_ENTRY_LENGTH = 12;
    static final int FOOTER_LENGTH = 32;
    /// Bytes of log between entries.
    static final int INTERVAL_BYTES = 4096;

    private static final int FOOTER_MAGIC = 0x57534931;
    private static final int FOOTER_END_OFFSET_AT = 8;
    private static final int FOOTER_LARGEST_TIME_AT = 16;
    private static final int FOOTER_MAGIC_AT = 24;
    private static final int FOOTER_CRC_AT = 28;

    private static final int SMALLEST = 8;
    /// A segment below 4 KiB has no entry, and of many topics most have no more.
    private static final int[] NOTHING = {};

    private static final long[] NO_TIMES = {};

    private final long baseOffset;
    private int[] offsets = NOTHING;
    private int[] positions = NOTHING;
    private int count;
    private long[] times = NO_TIMES;
    private int[] timeOffsets = NOTHING;
    private int timeCount;
    private int unindexedBytes;

    SegmentIndex(long baseOffset) {
        this.baseOffset = baseOffset;
    }

    /// The index as it is now, for other threads. The arrays are shared: what stands in them below the counts is never
    /// changed, and they are replaced when they grow.
    SegmentIndex frozen() {
        var copy = new SegmentIndex(baseOffset);
        copy.offsets = offsets;
        copy.positions = positions;
        copy.count = count;
        copy.times = times;
        copy.timeOffsets = timeOffsets;
        copy.timeCount = timeCount;
        return copy;
    }

    /// Says that the batch of so many bytes at the position ends with the offset, and which is the largest time so far.
    void appended(long lastOffset, long position, int bytes, long largestTimeMs) {
        if (unindexedBytes > INTERVAL_BYTES) {
            add((int) (lastOffset - baseOffset), (int) position);
            addTime(largestTimeMs, lastOffset);
            unindexedBytes = 0;
        }
        unindexedBytes += bytes;
    }

    private void add(int relativeOffset, int position) {
        if (count == offsets.length) {
            int capacity = Math.max(SMALLEST, 2 * count);
            offsets = Arrays.copyOf(offsets, capacity);
            positions = Arrays.copyOf(positions, capacity);
        }
        offsets[count] = relativeOffset;
        positions[count] = position;
        count++;
    }

    /// Says that no record up to the offset is younger; nothing when the time has not grown.
    void addTime(long timeMs, long offset) {
        if (timeCount > 0 && timeMs <= times[timeCount - 1]) {
            return;
        }
        if (timeCount == times.length) {
            int capacity = Math.max(SMALLEST, 2 * timeCount);
            times = Arrays.copyOf(times, capacity);
            timeOffsets = Arrays.copyOf(timeOffsets, capacity);
        }
        times[timeCount] = timeMs;
        timeOffsets[timeCount] = (int) (offset - baseOffset);
        timeCount++;
    }

    /// A position at or before the batch that holds the offset.
    long position(long offset) {
        int found = Arrays.binarySearch(offsets, 0, count, (int) Math.min(offset - baseOffset, Integer.MAX_VALUE));
        int index = found >= 0 ? found : -found - 2;
        return index < 0 ? 0 : positions[index];
    }

    /// The last offset of the batch at a position that [#position] gave and that is not the segment's start.
    long lastOffset(long position) {
        int index = Arrays.binarySearch(positions, 0, count, (int) position);
        assert index >= 0 : position;
        return baseOffset + offsets[index];
    }

    /// An offset before which no record is as young as the time.
    long offsetBefore(long timeMs) {
        int found = Arrays.binarySearch(times, 0, timeCount, timeMs);
        int index = (found >= 0 ? found : -found - 1) - 1;
        return index < 0 ? baseOffset : baseOffset + timeOffsets[index];
    }

    ByteBuffer offsetBytes(long sizeBytes, long endOffset, long largestTimeMs) {
        var bytes = ByteBuffer.allocate(count * OFFSET_ENTRY_LENGTH + FOOTER_LENGTH);
        for (int i = 0; i < count; i++) {
            bytes.putInt(offsets[i]).putInt(positions[i]);
        }
        return close(bytes, sizeBytes, endOffset, largestTimeMs);
    }

    ByteBuffer timeBytes(long sizeBytes, long endOffset, long largestTimeMs) {
        var bytes = ByteBuffer.allocate(timeCount * TIME_ENTRY_LENGTH + FOOTER_LENGTH);
        for (int i = 0; i < timeCount; i++) {
            bytes.putLong(times[i]).putInt(timeOffsets[i]);
        }
        return close(bytes, sizeBytes, endOffset, largestTimeMs);
    }

    private static ByteBuffer close(ByteBuffer bytes, long sizeBytes, long endOffset, long largestTimeMs) {
        bytes.putLong(sizeBytes).putLong(endOffset).putLong(largestTimeMs).putInt(FOOTER_MAGIC);
        return bytes.putInt(crc(bytes, bytes.position())).flip();
    }

    private static int crc(ByteBuffer bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate().position(0).limit(length));
        return (int) crc.getValue();
    }

    /// What the footer of an index file says; null when the file has none that holds.
    static @Nullable Footer footer(ByteBuffer bytes) {
        int at = bytes.limit() - FOOTER_LENGTH;
        if (at < 0
                || bytes.getInt(at + FOOTER_MAGIC_AT) != FOOTER_MAGIC
                || bytes.getInt(at + FOOTER_CRC_AT) != crc(bytes, at + FOOTER_CRC_AT)) {
            return null;
        }
        return new Footer(
                bytes.getLong(at),
                bytes.getLong(at + FOOTER_END_OFFSET_AT),
                bytes.getLong(at + FOOTER_LARGEST_TIME_AT));
    }

    /// The index that two sealed files hold; their footers were checked.
    static SegmentIndex read(long baseOffset, ByteBuffer offsetBytes, ByteBuffer timeBytes) {
        var index = new SegmentIndex(baseOffset);
        for (int at = 0; at < offsetBytes.limit() - FOOTER_LENGTH; at += OFFSET_ENTRY_LENGTH) {
            index.add(offsetBytes.getInt(at), offsetBytes.getInt(at + Integer.BYTES));
        }
        for (int at = 0; at < timeBytes.limit() - FOOTER_LENGTH; at += TIME_ENTRY_LENGTH) {
            index.addTime(timeBytes.getLong(at), baseOffset + timeBytes.getInt(at + Long.BYTES));
        }
        return index;
    }

    /// What is known of a sealed segment without reading it.
    record Footer(long sizeBytes, long endOffset, long largestTimeMs) {}
}
