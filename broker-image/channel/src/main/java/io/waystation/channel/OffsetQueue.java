package io.waystation.channel;

/// A first-in, first-out queue of offsets, 8 bytes each; grows by doubling and gives its memory back when empty.
/// Its owner bounds it.
final class OffsetQueue {
    private static final long[] NOTHING = {};
    private static final int SMALLEST = 16;

    private long[] offsets = NOTHING;
    private int head;
    private int size;

    int size() {
        return size;
    }

    void add(long offset) {
        if (size == offsets.length) {
            grow();
        }
        offsets[(head + size) & (offsets.length - 1)] = offset;
        size++;
    }

    void addFirst(long offset) {
        if (size == offsets.length) {
            grow();
        }
        head = (head - 1) & (offsets.length - 1);
        offsets[head] = offset;
        size++;
    }

    /// What [#poll()] would take, or -1.
    long peek() {
        return size == 0 ? -1 : offsets[head];
    }

    /// The oldest offset, or -1.
    long poll() {
        if (size == 0) {
            return -1;
        }
        long offset = offsets[head];
        head = (head + 1) & (offsets.length - 1);
        size--;
        if (size == 0 && offsets.length > SMALLEST) {
            clear();
        }
        return offset;
    }

    void removeBelow(long limit) {
        for (int left = size; left > 0; left--) {
            long offset = poll();
            if (offset >= limit) {
                add(offset);
            }
        }
    }

    void clear() {
        offsets = NOTHING;
        head = 0;
        size = 0;
    }

    private void grow() {
        long[] larger = new long[Math.max(SMALLEST, 2 * offsets.length)];
        int first = offsets.length - head;
        System.arraycopy(offsets, head, larger, 0, first);
        System.arraycopy(offsets, 0, larger, first, head);
        offsets = larger;
        head = 0;
    }
}
