package io.waystation.channel;

/// Looks through what a cursor has begun and not finished, in order of offsets, without changing anything. Confined to
/// the cursor's loop; a scan of many messages is taken in steps, between which the cursor may move.
public final class UnfinishedScan {
    /// Told of each unfinished message; says whether it wants the next.
    @FunctionalInterface
    public interface Visitor {
        boolean visit(long offset, MessageState state, int attempts);
    }

    private UnfinishedScan() {}

    /// Visits the unfinished messages in `[from, cursor.next())` until the visitor has enough or `slots` slots were
    /// looked at. Returns the offset to go on from: `cursor.next()` when nothing is left.
    public static long run(Cursor cursor, long from, int slots, Visitor visitor) {
        var stragglers = cursor.stragglers();
        int left = slots;
        for (int slot = stragglers.ceiling(from); slot < stragglers.end(); slot++) {
            long offset = stragglers.offsetAt(slot);
            if (left-- == 0) {
                return offset;
            }
            if (stops(stragglers, slot, offset, visitor)) {
                return offset + 1;
            }
        }
        var window = cursor.window();
        for (long offset = Math.max(from, window.base); offset < window.next; offset++) {
            if (left-- == 0) {
                return offset;
            }
            if (stops(window, window.slotOf(offset), offset, visitor)) {
                return offset + 1;
            }
        }
        return window.next;
    }

    private static boolean stops(Slots slots, int slot, long offset, Visitor visitor) {
        int holder = slots.holder[slot];
        return holder != Slots.DONE && !visitor.visit(offset, MessageState.of(holder), slots.attempts[slot]);
    }
}
