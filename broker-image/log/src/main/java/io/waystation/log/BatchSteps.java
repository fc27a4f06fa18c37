package io.waystation.log;

import java.util.Arrays;

/// Where every 64th record of one batch stands, as far as it was read, so that a reader comes back to any of its
/// records in a few steps. Confined to its reader; the arrays stay from batch to batch.
final class BatchSteps {
    private static final int INTERVAL = 64;
    private static final int SMALLEST = 16;
    private static final int[] NOTHING = {};

    /// By offset since the batch's first, and the position since the batch's start.
    private int[] deltas = NOTHING;

    private int[] positions = NOTHING;
    private int count;
    private int nextDelta;

    void clear() {
        count = 0;
        nextDelta = 0;
    }

    /// A record was read; those before it were.
    void passed(int delta, int position) {
        if (delta >= nextDelta) {
            add(delta, position);
        }
    }

    private void add(int delta, int position) {
        if (count == deltas.length) {
            int capacity = Math.max(SMALLEST, 2 * count);
            deltas = Arrays.copyOf(deltas, capacity);
            positions = Arrays.copyOf(positions, capacity);
        }
        deltas[count] = delta;
        positions[count] = position;
        count++;
        nextDelta = delta + INTERVAL;
    }

    /// The last step at or before an offset since the batch's first, or -1.
    int floor(int delta) {
        int found = Arrays.binarySearch(deltas, 0, count, delta);
        return found >= 0 ? found : -found - 2;
    }

    int delta(int step) {
        return deltas[step];
    }

    int position(int step) {
        return positions[step];
    }
}
