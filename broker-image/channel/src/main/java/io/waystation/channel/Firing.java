package io.waystation.channel;

import io.waystation.log.LogReader;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// A batch of a bucket's entries on its way to the partition's log, as the bucket recorded it beforehand. Immutable.
final class Firing {
    /// The batch's place in the log.
    final long offset;

    final short epoch;
    final int sequence;

    /// In ascending order.
    private final int[] entries;

    Firing(long offset, short epoch, int sequence, int[] entries) {
        this.offset = offset;
        this.epoch = epoch;
        this.sequence = sequence;
        this.entries = entries;
    }

    long endOffset() {
        return offset + entries.length;
    }

    /// Whether the batch is in the log: at its place, with its producer's marks. What retention has removed was there.
    boolean happened(PartitionLog log, long producerId) throws IOException {
        if (offset >= log.endOffset()) {
            return false;
        }
        if (offset < log.startOffset()) {
            return true;
        }
        try (LogReader reader = log.reader()) {
            reader.seek(offset);
            return reader.next()
                    && reader.offset() == offset
                    && reader.producerId() == producerId
                    && reader.producerEpoch() == epoch
                    && reader.baseSequence() == sequence;
        }
    }

    void mark(BitSet fired) {
        for (int entry : entries) {
            fired.set(entry);
        }
    }

    void write(ByteWriter target, int undone) {
        target.number(offset).number(epoch).number(sequence).number(undone);
        int lastEnd = 0;
        for (int i = 0; i < entries.length; ) {
            int start = i++;
            while (i < entries.length && entries[i] == entries[i - 1] + 1) {
                i++;
            }
            target.number(entries[start] - lastEnd).number(i - start);
            lastEnd = entries[i - 1] + 1;
        }
    }

    /// Reads a firing and takes those that it says did not happen off the end of the list.
    static Firing read(ByteReader source, List<Firing> before) throws IOException {
        long offset = source.number();
        short epoch = (short) source.number();
        int sequence = (int) source.number();
        long undone = source.number();
        if (undone > before.size()) {
            throw new IOException("a firing that undoes " + undone + " (expected: at most " + before.size() + ")");
        }
        before.subList(before.size() - (int) undone, before.size()).clear();
        int[] entries = new int[16];
        int count = 0;
        int entry = 0;
        while (source.hasMore()) {
            entry += (int) source.number();
            for (long left = source.number(); left > 0; left--) {
                if (count == entries.length) {
                    entries = Arrays.copyOf(entries, 2 * count);
                }
                entries[count++] = entry++;
            }
        }
        return new Firing(offset, epoch, sequence, Arrays.copyOf(entries, count));
    }
}
