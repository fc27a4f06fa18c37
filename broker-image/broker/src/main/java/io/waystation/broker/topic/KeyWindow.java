package io.waystation.broker.topic;

import java.util.Arrays;
import java.util.function.LongPredicate;

/// The keys of a topic's recent publishes, each as 128 bits of its hash: a ring in the order of their coming and a
/// table that finds them. Grows with the keys, about 48 bytes each. Confined to the topic's loop.
///
/// Bound: [#MAX_KEYS]. At the bound the oldest key makes room for the new one before its time, and is counted.
final class KeyWindow {
    static final int MAX_KEYS = 1 << 20;

    private static final int SMALLEST = 16;
    /// The place of an entry that was taken out of the middle of the ring.
    private static final long REMOVED = -1;

    private static final long[] NOTHING = {};
    /// One free place, never taken.
    private static final int[] NO_TABLE = {0};

    private final int maxKeys;
    /// Takes no room before the first key: nearly no topic has any.
    private long[] highs = NOTHING;

    private long[] lows = NOTHING;
    private long[] timesMs = NOTHING;
    private long[] places = NOTHING;
    /// Entry + 1, or 0 for a free place; half full at most.
    private int[] table = NO_TABLE;

    private int head;
    private int count;
    private int removed;
    private long evictedCount;

    KeyWindow() {
        this(MAX_KEYS);
    }

    /// `maxKeys` is a power of two.
    KeyWindow(int maxKeys) {
        this.maxKeys = maxKeys;
    }

    int size() {
        return count - removed;
    }

    /// Keys forgotten before their time, for want of room.
    long evictedCount() {
        return evictedCount;
    }

    boolean contains(long high, long low) {
        return table[place(high, low)] != 0;
    }

    /// Adds a key, which is not there; `place` is its message's, not negative.
    void add(long high, long low, long timeMs, long place) {
        if (count == highs.length) {
            if (count == maxKeys) {
                evictedCount++;
                dropOldest();
            } else {
                grow();
            }
        }
        int entry = (head + count) & (highs.length - 1);
        count++;
        highs[entry] = high;
        lows[entry] = low;
        timesMs[entry] = timeMs;
        places[entry] = place;
        table[place(high, low)] = entry + 1;
    }

    private void grow() {
        highs = unrolled(highs);
        lows = unrolled(lows);
        timesMs = unrolled(timesMs);
        places = unrolled(places);
        head = 0;
        table = new int[2 * highs.length];
        for (int entry = 0; entry < count; entry++) {
            if (places[entry] != REMOVED) {
                table[place(highs[entry], lows[entry])] = entry + 1;
            }
        }
    }

    private long[] unrolled(long[] ring) {
        long[] larger = new long[Math.max(SMALLEST, 2 * ring.length)];
        System.arraycopy(ring, head, larger, 0, ring.length - head);
        System.arraycopy(ring, 0, larger, ring.length - head, head);
        return larger;
    }

    /// Forgets what is older than the time.
    void expire(long beforeMs) {
        while (count > 0 && (places[head] == REMOVED || timesMs[head] < beforeMs)) {
            dropOldest();
        }
        if (count == 0) {
            clear();
        }
    }

    private void clear() {
        highs = NOTHING;
        lows = NOTHING;
        timesMs = NOTHING;
        places = NOTHING;
        table = NO_TABLE;
        head = 0;
    }

    private void dropOldest() {
        if (places[head] == REMOVED) {
            removed--;
        } else {
            free(place(highs[head], lows[head]));
        }
        head = (head + 1) & (highs.length - 1);
        count--;
    }

    void remove(long high, long low) {
        int place = place(high, low);
        if (table[place] != 0) {
            places[table[place] - 1] = REMOVED;
            removed++;
            free(place);
        }
    }

    /// Told of keys.
    interface Listener {
        void onKey(long high, long low);
    }

    /// Says that the message of a known key is at another place now.
    void move(long high, long low, long place) {
        places[table[place(high, low)] - 1] = place;
    }

    /// Forgets the keys of messages at such places, since a power loss took them, and tells which these are.
    void removeIf(LongPredicate isGone, Listener listener) {
        for (int i = 0; i < count; i++) {
            int entry = (head + i) & (highs.length - 1);
            if (places[entry] != REMOVED && isGone.test(places[entry])) {
                listener.onKey(highs[entry], lows[entry]);
                remove(highs[entry], lows[entry]);
            }
        }
    }

    /// Where the key is, or the free place where it belongs.
    private int place(long high, long low) {
        int mask = table.length - 1;
        int place = home(high) & mask;
        while (table[place] != 0) {
            int entry = table[place] - 1;
            if (highs[entry] == high && lows[entry] == low) {
                return place;
            }
            place = (place + 1) & mask;
        }
        return place;
    }

    private static int home(long high) {
        return (int) (high ^ (high >>> 32));
    }

    /// Frees a place and moves later entries back, so that none is behind a gap.
    private void free(int place) {
        int mask = table.length - 1;
        int gap = place;
        for (int at = (gap + 1) & mask; table[at] != 0; at = (at + 1) & mask) {
            int home = home(highs[table[at] - 1]) & mask;
            if (((at - home) & mask) >= ((at - gap) & mask)) {
                table[gap] = table[at];
                gap = at;
            }
        }
        table[gap] = 0;
    }

    @Override
    public String toString() {
        return size() + " keys " + Arrays.toString(new int[] {head, count, removed});
    }
}
