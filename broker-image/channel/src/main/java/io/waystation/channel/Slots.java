package io.waystation.channel;

import java.util.Arrays;

/// The state of some delivered messages in parallel arrays, 10 bytes each:
///
/// ```
/// holder    4 B   the owner's number while in flight, or DONE, QUEUED, DEFERRED
/// attempts  2 B   how often it was delivered, saturating as on the wire
/// deadline  4 B   when the delivery times out or the deferral is over; milliseconds since the cursor's time base
/// ```
///
/// Owners take four bytes, so that a connection's number need never be used twice and no table maps it.
///
/// Deadlines are in no list and no wheel. Each page of 1,024 slots has a lower bound of its deadlines. Holding a
/// message lowers it, finishing one leaves it alone, and looking through a page that seems due raises it again. So
/// a deadline costs one comparison, and a page is looked through at most once per timeout for nothing.
///
/// Slots that hold no message are DONE.
abstract sealed class Slots permits Window, Stragglers {
    static final int DONE = 0;
    static final int QUEUED = -1;
    static final int DEFERRED = -2;
    static final int NEVER = Integer.MAX_VALUE;
    static final char MAX_ATTEMPTS = Character.MAX_VALUE;

    private static final int PAGE_SHIFT = 10;
    private static final int[] NOTHING = {};
    private static final char[] NO_ATTEMPTS = {};

    int[] holder = NOTHING;
    char[] attempts = NO_ATTEMPTS;
    int[] deadline = NOTHING;
    private int[] pageDeadline = NOTHING;
    private int earliest = NEVER;

    /// The slot of an offset, or -1 when none is kept for it.
    abstract int find(long offset);

    abstract long offsetAt(int slot);

    /// The slot of the lowest offset; those of higher offsets follow, around the end of the arrays.
    abstract int firstSlot();

    abstract int slotCount();

    /// Called after a slot has become DONE.
    abstract void settled(int slot);

    final int capacity() {
        return holder.length;
    }

    /// A lower bound of all deadlines, or NEVER.
    final int earliest() {
        return earliest;
    }

    final void hold(int slot, int newHolder, int until) {
        holder[slot] = newHolder;
        deadline[slot] = until;
        int page = slot >>> PAGE_SHIFT;
        if (until < pageDeadline[page]) {
            pageDeadline[page] = until;
            earliest = Math.min(earliest, until);
        }
    }

    final int countAttempt(int slot) {
        if (attempts[slot] < MAX_ATTEMPTS) {
            attempts[slot]++;
        }
        return attempts[slot];
    }

    /// Gives everything that is due at `now` to the cursor, about in order of offsets; returns how many that were.
    final int expire(int now, Cursor cursor, TimeoutListener listener) {
        if (earliest > now) {
            return 0;
        }
        int count = 0;
        int lowest = NEVER;
        int first = firstSlot() >>> PAGE_SHIFT;
        for (int i = 0; i < pageDeadline.length; i++) {
            int page = (first + i) & (pageDeadline.length - 1);
            if (pageDeadline[page] <= now) {
                count += expirePage(page, now, cursor, listener);
            }
            lowest = Math.min(lowest, pageDeadline[page]);
        }
        earliest = lowest;
        return count;
    }

    private int expirePage(int page, int now, Cursor cursor, TimeoutListener listener) {
        int count = 0;
        int lowest = NEVER;
        int end = Math.min((page + 1) << PAGE_SHIFT, capacity());
        for (int slot = page << PAGE_SHIFT; slot < end; slot++) {
            if (!waits(slot)) {
                continue;
            }
            if (deadline[slot] <= now) {
                cursor.expired(this, slot, now, listener);
                count++;
            }
            if (waits(slot)) {
                lowest = Math.min(lowest, deadline[slot]);
            }
        }
        pageDeadline[page] = lowest;
        return count;
    }

    private boolean waits(int slot) {
        return holder[slot] != DONE && holder[slot] != QUEUED;
    }

    /// Moves the time base: every deadline becomes earlier by so much, but not below 0.
    final void rebase(long shiftMs) {
        shift(deadline, shiftMs);
        shift(pageDeadline, shiftMs);
        earliest = earliest == NEVER ? NEVER : (int) Math.max(0, earliest - shiftMs);
    }

    private static void shift(int[] times, long shiftMs) {
        for (int i = 0; i < times.length; i++) {
            if (times[i] != NEVER) {
                times[i] = (int) Math.max(0, times[i] - shiftMs);
            }
        }
    }

    /// Fresh arrays, all DONE; a power of two or 0.
    final void allocate(int capacity) {
        holder = capacity == 0 ? NOTHING : new int[capacity];
        attempts = capacity == 0 ? NO_ATTEMPTS : new char[capacity];
        deadline = capacity == 0 ? NOTHING : new int[capacity];
        pageDeadline = capacity == 0 ? NOTHING : new int[((capacity - 1) >>> PAGE_SHIFT) + 1];
        Arrays.fill(pageDeadline, NEVER);
        earliest = NEVER;
    }

    /// Takes over one slot of another arrangement, or of these slots before they were allocated anew.
    final void copy(int slot, int newHolder, char newAttempts, int newDeadline) {
        attempts[slot] = newAttempts;
        if (newHolder == QUEUED) {
            holder[slot] = QUEUED;
        } else {
            hold(slot, newHolder, newDeadline);
        }
    }
}
