package io.waystation.channel;

/// The dense part of a cursor: a ring over the offsets from `base` to `next`, slot = offset & (capacity - 1).
///
/// Starts without arrays, takes 256 slots with the first message, and doubles up to 1 Mi while at least a quarter of it
/// is unfinished. A full ring that is emptier than that is held up by a few old messages: the unfinished ones of its
/// oldest quarter move to the stragglers. So its size follows the number of unfinished messages.
final class Window extends Slots {
    static final int SMALLEST = 256;
    static final int LARGEST = 1 << 20;

    long base;
    long next;
    private int mask = -1;

    Window(long floor) {
        base = floor;
        next = floor;
    }

    boolean contains(long offset) {
        return offset >= base && offset < next;
    }

    int slotOf(long offset) {
        return (int) offset & mask;
    }

    @Override
    int find(long offset) {
        return contains(offset) ? slotOf(offset) : -1;
    }

    @Override
    long offsetAt(int slot) {
        return base + ((slot - (int) base) & mask);
    }

    @Override
    int firstSlot() {
        return slotOf(base);
    }

    @Override
    int slotCount() {
        return (int) (next - base);
    }

    /// Takes the slot of `next`, which must not be full.
    int take() {
        return slotOf(next++);
    }

    boolean isFull() {
        return next - base == capacity();
    }

    void makeRoom(int unfinished, Stragglers stragglers) {
        if (capacity() == 0) {
            resize(SMALLEST);
        } else if (4 * unfinished >= capacity() && capacity() < LARGEST) {
            resize(2 * capacity());
        } else {
            evict(stragglers);
        }
    }

    private void evict(Stragglers stragglers) {
        long end = base + capacity() / 4;
        for (long offset = base; offset < end; offset++) {
            int slot = slotOf(offset);
            if (holder[slot] != DONE) {
                stragglers.add(offset, holder[slot], attempts[slot], deadline[slot]);
                holder[slot] = DONE;
            }
        }
        base = end;
        advance();
    }

    /// Counts `next` as done; keeps no slot for it when nothing is unfinished.
    void skipNext(int unfinished, Stragglers stragglers) {
        if (isFull() && slotCount() > 0) {
            makeRoom(unfinished, stragglers);
        }
        if (slotCount() == 0) {
            base++;
            next++;
        } else {
            take();
        }
    }

    @Override
    void settled(int slot) {
        if (slot == firstSlot()) {
            advance();
        }
    }

    void advance() {
        long offset = base;
        while (offset < next && holder[(int) offset & mask] == DONE) {
            offset++;
        }
        base = offset;
    }

    /// Gives up what is not needed when that is three quarters of the ring; all of it when the ring is empty.
    void shrink() {
        int span = slotCount();
        int needed = span == 0 ? 0 : Math.max(SMALLEST, 2 * Integer.highestOneBit(span));
        if (4 * needed <= capacity()) {
            resize(needed);
        }
    }

    void reset(long offset) {
        base = offset;
        next = offset;
        resize(0);
    }

    private void resize(int newCapacity) {
        int[] oldHolder = holder;
        char[] oldAttempts = attempts;
        int[] oldDeadline = deadline;
        int oldMask = mask;
        allocate(newCapacity);
        mask = newCapacity - 1;
        for (long offset = base; offset < next; offset++) {
            int old = (int) offset & oldMask;
            if (oldHolder[old] != DONE) {
                copy(slotOf(offset), oldHolder[old], oldAttempts[old], oldDeadline[old]);
            }
        }
    }
}
