package io.waystation.channel;

import java.util.Arrays;

/// A binary heap of longs, the smallest on top. Its owner bounds it.
final class LongHeap {
    private static final int SMALLEST = 16;

    private long[] values;
    private int size;

    LongHeap() {
        values = new long[SMALLEST];
    }

    /// Takes over the array, of which the first `size` values count.
    LongHeap(long[] values, int size) {
        this.values = values;
        this.size = size;
        for (int at = (size >>> 1) - 1; at >= 0; at--) {
            sink(at, values[at]);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /// The smallest value; there must be one.
    long peek() {
        return values[0];
    }

    void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, Math.max(SMALLEST, 2 * size));
        }
        int at = size++;
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            if (values[parent] <= value) {
                break;
            }
            values[at] = values[parent];
            at = parent;
        }
        values[at] = value;
    }

    long poll() {
        long smallest = values[0];
        size--;
        sink(0, values[size]);
        return smallest;
    }

    /// Puts a value at a place or below it, moving smaller ones up.
    private void sink(int place, long value) {
        int at = place;
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && values[child + 1] < values[child]) {
                child++;
            }
            if (values[child] >= value) {
                break;
            }
            values[at] = values[child];
            at = child;
        }
        values[at] = value;
    }
}
