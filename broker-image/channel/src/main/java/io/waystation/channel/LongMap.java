package io.waystation.channel;

import java.util.Arrays;

/// A map from non-negative longs to longs in two arrays: open addressing, linear probing, at most half full.
/// Deletion moves later entries back, so there are no tombstones. Its owner bounds it.
final class LongMap {
    private static final long[] NOTHING = {};
    private static final long FREE = -1;
    private static final int SMALLEST = 16;

    private long[] keys = NOTHING;
    private long[] values = NOTHING;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void put(long key, long value) {
        if (2 * (size + 1) > keys.length) {
            grow();
        }
        int index = find(key);
        if (keys[index] == FREE) {
            keys[index] = key;
            size++;
        }
        values[index] = value;
    }

    long get(long key, long absent) {
        if (size == 0) {
            return absent;
        }
        int index = find(key);
        return keys[index] == FREE ? absent : values[index];
    }

    /// Whether it was there.
    boolean remove(long key) {
        if (size == 0) {
            return false;
        }
        int free = find(key);
        if (keys[free] == FREE) {
            return false;
        }
        int mask = keys.length - 1;
        for (int index = (free + 1) & mask; keys[index] != FREE; index = (index + 1) & mask) {
            int home = home(keys[index]);
            if (((index - home) & mask) >= ((index - free) & mask)) {
                keys[free] = keys[index];
                values[free] = values[index];
                free = index;
            }
        }
        keys[free] = FREE;
        size--;
        return true;
    }

    void clear() {
        keys = NOTHING;
        values = NOTHING;
        size = 0;
    }

    long[] sortedKeys() {
        long[] sorted = new long[size];
        int count = 0;
        for (long key : keys) {
            if (key != FREE) {
                sorted[count++] = key;
            }
        }
        Arrays.sort(sorted);
        return sorted;
    }

    /// Where the key is, or the free place where it belongs.
    private int find(long key) {
        int mask = keys.length - 1;
        int index = home(key);
        while (keys[index] != FREE && keys[index] != key) {
            index = (index + 1) & mask;
        }
        return index;
    }

    private int home(long key) {
        return (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & (keys.length - 1);
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        keys = new long[Math.max(SMALLEST, 2 * oldKeys.length)];
        values = new long[keys.length];
        Arrays.fill(keys, FREE);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != FREE) {
                int index = find(oldKeys[i]);
                keys[index] = oldKeys[i];
                values[index] = oldValues[i];
            }
        }
    }
}
