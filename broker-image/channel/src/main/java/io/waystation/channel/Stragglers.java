package io.waystation.channel;

import java.util.Arrays;

/// The unfinished messages below the window, in order of their offsets: 18 bytes a slot, whatever the span.
///
/// They only ever arrive in order, as the window's base moves up, so a sorted list found by halving is enough. Finished
/// ones stay as DONE until the list is full or three quarters empty; then it is packed.
final class Stragglers extends Slots {
    private static final long[] NOTHING = {};
    private static final int SMALLEST = 16;

    private long[] offsets = NOTHING;
    private int head;
    private int end;
    private int unfinished;

    int unfinished() {
        return unfinished;
    }

    /// The lowest unfinished offset; there must be one.
    long first() {
        return offsets[head];
    }

    void add(long offset, int newHolder, char newAttempts, int newDeadline) {
        assert end == head || offset > offsets[end - 1] : offset;
        if (end == capacity()) {
            pack(Math.max(SMALLEST, 4 * Integer.highestOneBit(unfinished)));
        }
        offsets[end] = offset;
        copy(end, newHolder, newAttempts, newDeadline);
        end++;
        unfinished++;
    }

    @Override
    int find(long offset) {
        int slot = Arrays.binarySearch(offsets, head, end, offset);
        return slot < 0 ? -1 : slot;
    }

    /// The first slot whose offset is not below `offset`; may be the end.
    int ceiling(long offset) {
        int slot = Arrays.binarySearch(offsets, head, end, offset);
        return slot < 0 ? -slot - 1 : slot;
    }

    int end() {
        return end;
    }

    @Override
    long offsetAt(int slot) {
        return offsets[slot];
    }

    @Override
    int firstSlot() {
        return head;
    }

    @Override
    int slotCount() {
        return end - head;
    }

    @Override
    void settled(int slot) {
        unfinished--;
        if (unfinished == 0) {
            clear();
            return;
        }
        while (holder[head] == DONE) {
            head++;
        }
        if (4 * unfinished < capacity() && capacity() > SMALLEST) {
            pack(capacity() / 2);
        }
    }

    void clear() {
        offsets = NOTHING;
        head = 0;
        end = 0;
        unfinished = 0;
        allocate(0);
    }

    private void pack(int newCapacity) {
        long[] oldOffsets = offsets;
        int[] oldHolder = holder;
        char[] oldAttempts = attempts;
        int[] oldDeadline = deadline;
        int oldEnd = end;
        int oldHead = head;
        allocate(newCapacity);
        offsets = new long[newCapacity];
        head = 0;
        end = 0;
        for (int old = oldHead; old < oldEnd; old++) {
            if (oldHolder[old] != DONE) {
                offsets[end] = oldOffsets[old];
                copy(end, oldHolder[old], oldAttempts[old], oldDeadline[old]);
                end++;
            }
        }
    }
}
