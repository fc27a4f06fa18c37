package io.waystation.channel;

import io.waystation.log.LogReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// One reading of a bucket's log from its start: finds the entries that are due first, as many as may wait in memory,
/// and the firings on the way. Confined to the loop of its topic.
///
/// Up to twice as many entries are held; when these are too many, the later half is dropped, and nothing from where it
/// began is collected any more.
final class BucketReading {
    private static final int SMALLEST = 1024;

    private final DueOrder order;
    /// Entries that have fired or were taken back.
    private final BitSet gone;

    private final int maxWaiting;
    private final boolean withFirings;
    private final List<Firing> firings = new ArrayList<>();
    private long[] collected;
    private int collectedCount;
    private long entryCount;
    private long horizon = Long.MAX_VALUE;

    /// @param withFirings whether it is still to be learnt what has fired
    BucketReading(DueOrder order, BitSet gone, int maxWaiting, boolean withFirings) {
        this.order = order;
        this.gone = gone;
        this.maxWaiting = maxWaiting;
        this.withFirings = withFirings;
        this.collected = new long[Math.min(2 * maxWaiting, SMALLEST)];
    }

    /// Reads so many records at most; whether these were the last.
    boolean read(LogReader source, int records) throws IOException {
        for (int i = 0; i < records; i++) {
            if (!source.next()) {
                return true;
            }
            read(source);
        }
        return false;
    }

    private void read(LogReader source) throws IOException {
        switch (DeferredRecord.type(source)) {
            case DeferredRecord.ENTRY, DeferredRecord.KEYED_ENTRY -> {
                entryCount++;
                collect(order.packed(DeferredRecord.dueMs(source), source.offset()));
            }
            case DeferredRecord.FIRING -> {
                if (withFirings) {
                    firings.add(
                            Firing.read(new ByteReader(source.buffer(), source.position(), source.length()), firings));
                }
            }
            default -> {}
        }
    }

    private void collect(long packed) {
        if (packed >= horizon || gone.get(DueOrder.entry(packed))) {
            return;
        }
        if (collectedCount == 2 * maxWaiting) {
            Arrays.sort(collected, 0, collectedCount);
            collectedCount = maxWaiting;
            horizon = collected[maxWaiting];
            if (packed >= horizon) {
                return;
            }
        }
        if (collectedCount == collected.length) {
            collected = Arrays.copyOf(collected, Math.min(2 * maxWaiting, 2 * collectedCount));
        }
        collected[collectedCount++] = packed;
    }

    boolean hasFirings() {
        return withFirings;
    }

    /// In the order in which they were recorded; the caller's from now on.
    List<Firing> firings() {
        return firings;
    }

    /// Entries in the log, those that have gone included.
    long entryCount() {
        return entryCount;
    }

    /// Entries from here on were not collected.
    long horizon() {
        return horizon;
    }

    /// What was collected and has not gone; ends the reading.
    LongHeap waiting() {
        int kept = 0;
        for (int i = 0; i < collectedCount; i++) {
            if (!gone.get(DueOrder.entry(collected[i]))) {
                collected[kept++] = collected[i];
            }
        }
        return new LongHeap(collected, kept);
    }
}
