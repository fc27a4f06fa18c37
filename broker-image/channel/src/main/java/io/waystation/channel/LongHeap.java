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

    /// Takes over the array; its first `size` values are sorted.
    LongHeap(long[] sorted, int size) {
        this.values = sorted;
        this.size = size;
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
        long last = values[--size];
        int at = 0;
        for (int child = 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && values[child + 1] < values[child]) {
                child++;
            }
            if (values[child] >= last) {
                break;
            }
            values[at] = values[child];
            at = child;
        }
        values[at] = last;
        return smallest;
    }
}
