package io.waystation.channel;

import static org.assertj.core.api.Assertions.assertThat;

/// What must hold inside a cursor between any two operations.
final class CursorValidity {
    private CursorValidity() {}

    static void check(Cursor cursor) {
        Window window = cursor.window();
        Stragglers stragglers = cursor.stragglers();
        assertThat(cursor.floor()).isLessThanOrEqualTo(window.base);
        assertThat(window.base).isLessThanOrEqualTo(window.next);
        assertThat(window.next - window.base).isLessThanOrEqualTo(window.capacity());
        assertThat(window.capacity()).isLessThanOrEqualTo(Window.LARGEST);
        int unfinished = cursor.inFlightCount() + cursor.queuedCount() + cursor.deferredCount();
        assertThat(unfinishedSlots(window) + unfinishedSlots(stragglers)).isEqualTo(unfinished);
        assertThat(unfinishedSlots(stragglers)).isEqualTo(stragglers.unfinished());
        assertThat(stragglers.capacity()).isLessThanOrEqualTo(Math.max(16, 4 * stragglers.unfinished()));
        if (window.slotCount() > 0) {
            assertThat(window.holder[window.firstSlot()]).isNotEqualTo(Slots.DONE);
        }
        if (stragglers.unfinished() > 0) {
            assertThat(stragglers.holder[stragglers.firstSlot()]).isNotEqualTo(Slots.DONE);
        }
        long above = window.base;
        for (int slot = stragglers.end() - 1; slot >= stragglers.firstSlot(); slot--) {
            if (stragglers.offsetAt(slot) >= above) {
                throw new AssertionError("straggler " + stragglers.offsetAt(slot) + " not below " + above);
            }
            above = stragglers.offsetAt(slot);
        }
        for (int i = 0; i < window.slotCount(); i++) {
            int slot = (window.firstSlot() + i) & (window.capacity() - 1);
            if (window.offsetAt(slot) != window.base + i) {
                throw new AssertionError("slot " + slot + " holds " + window.offsetAt(slot));
            }
        }
    }

    /// Over all of the arrays: what lies outside of the slots in use must be DONE.
    private static int unfinishedSlots(Slots slots) {
        int count = 0;
        for (int holder : slots.holder) {
            if (holder != Slots.DONE) {
                count++;
            }
        }
        return count;
    }
}
