package io.waystation.channel;

import org.jspecify.annotations.Nullable;

/// A channel's state over one partition: which messages are done, in flight, deferred, waiting to be delivered again.
/// Confined to the loop of its topic. Knows no bytes and no consumers: whoever holds a message is a number above 0,
/// never used again while the channel lives.
///
/// ```
///          floor            base                 next              end of the log
///   done     |  stragglers    |      window        |     waiting     |
/// -----------+----------------+--------------------+-----------------+
/// ```
///
/// - `floor <= base <= next`; every offset below `floor` is done, none from `next` on was ever delivered.
/// - Offsets in the window have a slot each. Below it, only the unfinished ones have.
/// - `floor` never moves back but by [#seek(long)].
///
/// Times are milliseconds of the loop's monotonic clock and lie at most [#MAX_DELAY_MS] ahead. Nothing here allocates
/// per message; a message costs 10 bytes in the window, 18 below it, 8 more while queued for redelivery.
public final class Cursor {
    /// A channel with so many unfinished messages gets no new ones until some are finished; see [#stalled()].
    public static final int MAX_UNFINISHED = 1_000_000;

    /// How far ahead a timeout or a deferral may lie: 12 days. Settings that allow more are to be refused.
    public static final long MAX_DELAY_MS = 1L << 30;

    /// Generations are 1 to this and then 1 again; 0 only before the first purge, seek or re-creation.
    public static final int MAX_GENERATION = 63;

    /// How long the window keeps memory that it no longer needs.
    private static final long SHRINK_INTERVAL_MS = 10_000;

    private static final long NO_TIME = Long.MIN_VALUE / 2;

    private final int maxUnfinished;
    private final Window window;
    private final Stragglers stragglers = new Stragglers();
    private final OffsetQueue redeliveries = new OffsetQueue();

    /// Offset to time of delivery of the messages in flight that were touched; the others were delivered at
    /// deadline - timeout.
    /// Made with the first one.
    private @Nullable LongMap touched;

    private final Changes changes = new Changes();

    /// What comes back goes before what is queued, not behind it.
    private boolean returnsFirst;

    private int resetCount;
    private int inFlight;
    private int deferred;
    private int queued;
    private long timeBaseMs = NO_TIME;
    private long shrunkMs = NO_TIME;

    public Cursor(int resetCount, long floor) {
        this(resetCount, floor, MAX_UNFINISHED);
    }

    public Cursor(int resetCount, long floor, int maxUnfinished) {
        this.resetCount = resetCount;
        this.window = new Window(floor);
        this.maxUnfinished = maxUnfinished;
    }

    /// Which ids are not stale. There are as many as fit into an id, so a generation comes again after some time.
    public int generation() {
        return resetCount == 0 ? 0 : (resetCount - 1) % MAX_GENERATION + 1;
    }

    /// How often ids became stale: with it an offset names one time that the channel came to a message, for ever.
    public int resetCount() {
        return resetCount;
    }

    public long floor() {
        return stragglers.unfinished() == 0 ? window.base : stragglers.first();
    }

    public long next() {
        return window.next;
    }

    public int inFlightCount() {
        return inFlight;
    }

    public int deferredCount() {
        return deferred;
    }

    /// Messages to be delivered again, those that were polled but not yet delivered included.
    public int queuedCount() {
        return queued;
    }

    public long unfinishedCount(long endOffset) {
        return unfinished() + (endOffset - window.next);
    }

    /// Messages that wait for a consumer.
    public long depth(long endOffset) {
        return queued + (endOffset - window.next);
    }

    /// Whether the channel is at its limit of unfinished messages: redeliveries go on, new messages wait.
    public boolean stalled() {
        return unfinished() >= maxUnfinished;
    }

    private int unfinished() {
        return inFlight + deferred + queued;
    }

    // Delivery

    public boolean hasRedelivery() {
        return redeliveries.size() > 0;
    }

    /// Takes the next message to be delivered again, or -1. It must then be delivered, skipped or put back.
    public long pollRedelivery() {
        return redeliveries.poll();
    }

    /// What [#pollRedelivery()] would take, or -1.
    public long peekRedelivery() {
        return redeliveries.peek();
    }

    /// Puts a polled offset back to where it was polled from.
    public void putBack(long offset) {
        redeliveries.addFirst(offset);
    }

    /// Hands a message to a consumer: `next()`, which advances and must not be done while stalled, or a polled one.
    /// Returns how often it was delivered, this time included: 1 to 65535, where it stays.
    public int deliver(long offset, int owner, long nowMs, long deadlineMs) {
        int until = relative(nowMs, deadlineMs);
        if (offset != window.next) {
            return redeliver(offset, owner, until);
        }
        requireRoom();
        if (window.isFull()) {
            window.makeRoom(unfinished() - stragglers.unfinished(), stragglers);
        }
        int slot = window.take();
        window.attempts[slot] = 1;
        window.hold(slot, owner, until);
        inFlight++;
        changes.at(offset);
        return 1;
    }

    /// Takes `next()`, which must not be done while stalled, without delivering it: as if it had been polled.
    public void park() {
        long offset = window.next;
        requireRoom();
        if (window.isFull()) {
            window.makeRoom(unfinished() - stragglers.unfinished(), stragglers);
        }
        int slot = window.take();
        window.attempts[slot] = 0;
        window.holder[slot] = Slots.QUEUED;
        queued++;
        changes.at(offset);
    }

    private void requireRoom() {
        if (stalled()) {
            throw new IllegalStateException("unfinished messages: " + unfinished() + " (limit: " + maxUnfinished + ")");
        }
    }

    /// Puts a polled offset aside until `dueMs`, when it is queued again.
    public void defer(long offset, long nowMs, long dueMs) {
        int until = relative(nowMs, dueMs);
        Slots slots = slotsOf(offset);
        int slot = queuedSlot(slots, offset);
        slots.hold(slot, Slots.DEFERRED, until);
        queued--;
        deferred++;
    }

    boolean isDeferred(long offset) {
        return holder(offset) == Slots.DEFERRED;
    }

    boolean isQueued(long offset) {
        return holder(offset) == Slots.QUEUED;
    }

    private int holder(long offset) {
        Slots slots = slotsOf(offset);
        int slot = slots.find(offset);
        return slot < 0 ? Slots.DONE : slots.holder[slot];
    }

    /// How long a message is deferred from now on; -1 when it is not.
    long deferredForMs(long offset, long nowMs) {
        if (!isDeferred(offset)) {
            return -1;
        }
        Slots slots = slotsOf(offset);
        return Math.max(0, timeBaseMs + slots.deadline[slots.find(offset)] - nowMs);
    }

    /// The offsets of all deferred messages, in order.
    long[] deferredOffsets() {
        long[] offsets = new long[deferred];
        int count = 0;
        for (Slots slots : new Slots[] {stragglers, window}) {
            int mask = slots.capacity() - 1;
            for (int i = 0; i < slots.slotCount() && count < deferred; i++) {
                int slot = (slots.firstSlot() + i) & mask;
                if (slots.holder[slot] == Slots.DEFERRED) {
                    offsets[count++] = slots.offsetAt(slot);
                }
            }
        }
        return offsets;
    }

    /// Whether a message below `next()` is not done.
    public boolean isUnfinished(long offset) {
        return holder(offset) != Slots.DONE;
    }

    /// How often an unfinished message was delivered; 0 for any other.
    public int attempts(long offset) {
        Slots slots = slotsOf(offset);
        int slot = slots.find(offset);
        return slot >= 0 && slots.holder[slot] != Slots.DONE ? slots.attempts[slot] : 0;
    }

    private int redeliver(long offset, int owner, int until) {
        Slots slots = slotsOf(offset);
        int slot = queuedSlot(slots, offset);
        slots.hold(slot, owner, until);
        queued--;
        inFlight++;
        changes.at(offset);
        return slots.countAttempt(slot);
    }

    /// Counts `next()`, or a polled offset, as done without delivering it: sampled out, expired, no longer in the log.
    public void skip(long offset) {
        if (offset == window.next) {
            window.skipNext(unfinished() - stragglers.unfinished(), stragglers);
        } else {
            Slots slots = slotsOf(offset);
            int slot = queuedSlot(slots, offset);
            queued--;
            settle(slots, slot);
        }
        changes.at(offset);
    }

    private static int queuedSlot(Slots slots, long offset) {
        int slot = slots.find(offset);
        if (slot < 0 || slots.holder[slot] != Slots.QUEUED) {
            throw new IllegalStateException("offset " + offset + " is neither next nor queued");
        }
        return slot;
    }

    // What consumers say

    public Outcome finish(long offset, int owner) {
        Window ring = window;
        if (!ring.contains(offset)) {
            return finishStraggler(offset, owner);
        }
        int slot = ring.slotOf(offset);
        if (ring.holder[slot] != owner) {
            return refusal(ring.holder[slot]);
        }
        ring.holder[slot] = Slots.DONE;
        if (offset == ring.base) {
            ring.advance();
        }
        finished(offset);
        return Outcome.DONE;
    }

    private Outcome finishStraggler(long offset, int owner) {
        int slot = stragglers.find(offset);
        if (slot < 0) {
            return Outcome.NOT_IN_FLIGHT;
        }
        if (stragglers.holder[slot] != owner) {
            return refusal(stragglers.holder[slot]);
        }
        settle(stragglers, slot);
        finished(offset);
        return Outcome.DONE;
    }

    private void finished(long offset) {
        inFlight--;
        changes.finished(offset);
        forgetTouch(offset);
    }

    /// Gives a message back, to be delivered again at `dueMs`; at once, behind all others, when that is not later than
    /// now.
    public Outcome requeue(long offset, int owner, long nowMs, long dueMs) {
        Slots slots = slotsOf(offset);
        int slot = slots.find(offset);
        if (slot < 0 || slots.holder[slot] != owner) {
            return slot < 0 ? Outcome.NOT_IN_FLIGHT : refusal(slots.holder[slot]);
        }
        if (dueMs <= nowMs) {
            enqueue(slots, slot);
        } else {
            deferInFlight(slots, slot, relative(nowMs, dueMs));
        }
        return Outcome.DONE;
    }

    private void deferInFlight(Slots slots, int slot, int until) {
        long offset = slots.offsetAt(slot);
        slots.hold(slot, Slots.DEFERRED, until);
        deferred++;
        inFlight--;
        forgetTouch(offset);
        changes.deferred(offset);
    }

    /// Starts the timeout anew, but never beyond `maxTimeoutMs` after this delivery.
    public Outcome touch(long offset, int owner, long nowMs, long timeoutMs, long maxTimeoutMs) {
        Slots slots = slotsOf(offset);
        int slot = slots.find(offset);
        if (slot < 0 || slots.holder[slot] != owner) {
            return slot < 0 ? Outcome.NOT_IN_FLIGHT : refusal(slots.holder[slot]);
        }
        var times = touched;
        if (times == null) {
            times = new LongMap();
            touched = times;
        }
        long deliveredMs = times.get(offset, Math.min(nowMs, timeBaseMs + slots.deadline[slot] - timeoutMs));
        times.put(offset, deliveredMs);
        slots.hold(slot, owner, relative(nowMs, Math.min(nowMs + timeoutMs, deliveredMs + maxTimeoutMs)));
        return Outcome.DONE;
    }

    private static Outcome refusal(int holder) {
        return holder > 0 ? Outcome.NOT_OWNER : Outcome.NOT_IN_FLIGHT;
    }

    /// Gives back everything that a consumer holds, to be delivered again at once: it disconnected. Attempts stay.
    /// Returns how many messages that were.
    public int requeueAll(int owner) {
        int before = inFlight;
        int unseen = requeueAll(stragglers, owner, inFlight);
        requeueAll(window, owner, unseen);
        return before - inFlight;
    }

    /// Stops as soon as everything in flight was seen; returns how many are unseen.
    private int requeueAll(Slots slots, int owner, int unseen) {
        int left = unseen;
        int mask = slots.capacity() - 1;
        int first = slots.firstSlot();
        int count = slots.slotCount();
        for (int i = 0; i < count && left > 0; i++) {
            int slot = (first + i) & mask;
            int holder = slots.holder[slot];
            if (holder > 0) {
                left--;
                if (holder == owner) {
                    enqueue(slots, slot);
                }
            }
        }
        return left;
    }

    // Time

    /// Queues what was deferred until now and what timed out, the latter as late as the listener says; returns how many
    /// messages. To be called when [#nextDeadlineMs()] is reached, and now and then besides: an idle channel gives
    /// memory back. The listener must leave the cursor alone.
    public int expire(long nowMs, TimeoutListener listener) {
        reach(nowMs, nowMs + MAX_DELAY_MS);
        int now = (int) Math.max(0, Math.min(nowMs - timeBaseMs, Slots.NEVER - 1));
        int count = stragglers.expire(now, this, listener) + window.expire(now, this, listener);
        if (nowMs - shrunkMs >= SHRINK_INTERVAL_MS) {
            shrunkMs = nowMs;
            window.shrink();
        }
        return count;
    }

    void expired(Slots slots, int slot, int now, TimeoutListener listener) {
        int holder = slots.holder[slot];
        long delayMs = holder > 0 ? listener.timedOut(slots.offsetAt(slot), holder, slots.attempts[slot]) : 0;
        if (delayMs > 0) {
            deferInFlight(slots, slot, now + (int) Math.min(delayMs, MAX_DELAY_MS));
        } else {
            enqueue(slots, slot);
        }
    }

    /// No message times out and no deferral ends before this; Long.MAX_VALUE when nothing waits.
    public long nextDeadlineMs() {
        int earliest = Math.min(stragglers.earliest(), window.earliest());
        return earliest == Slots.NEVER ? Long.MAX_VALUE : timeBaseMs + earliest;
    }

    private int relative(long nowMs, long deadlineMs) {
        if (deadlineMs - nowMs > MAX_DELAY_MS) {
            throw new IllegalArgumentException(
                    "delay: " + (deadlineMs - nowMs) + " ms (expected: at most " + MAX_DELAY_MS + ")");
        }
        reach(nowMs, deadlineMs);
        return (int) Math.max(0, deadlineMs - timeBaseMs);
    }

    /// Moves the time base when it is too far from the deadline to count in 31 bits.
    private void reach(long nowMs, long deadlineMs) {
        if (deadlineMs - timeBaseMs >= Slots.NEVER) {
            stragglers.rebase(nowMs - timeBaseMs);
            window.rebase(nowMs - timeBaseMs);
            timeBaseMs = nowMs;
        }
    }

    // The whole channel

    /// Whether what is requeued comes before what is queued already. With one message in flight at a time, a queue that
    /// is in order of offsets stays so.
    public void returnsFirst(boolean first) {
        returnsFirst = first;
    }

    /// Queues in order of offsets what waits for a consumer: what was queued, polled or parked. What is deferred stays
    /// so. Nothing may be in flight.
    public void queueInOrder() {
        if (inFlight > 0) {
            throw new IllegalStateException("messages in flight: " + inFlight + " (expected: none)");
        }
        redeliveries.clear();
        queueInOrder(stragglers);
        queueInOrder(window);
    }

    private void queueInOrder(Slots slots) {
        int mask = slots.capacity() - 1;
        int first = slots.firstSlot();
        int count = slots.slotCount();
        for (int i = 0; i < count; i++) {
            int slot = (first + i) & mask;
            if (slots.holder[slot] != Slots.DONE && slots.holder[slot] != Slots.DEFERRED) {
                slots.holder[slot] = Slots.QUEUED;
                redeliveries.add(slots.offsetAt(slot));
            }
        }
    }

    /// Drops everything that waits or is in flight.
    public void empty(long endOffset) {
        seek(endOffset);
    }

    /// Goes on from another offset as if nothing from there on had been delivered. Ids of messages in flight become
    /// stale: a new generation.
    public void seek(long offset) {
        resetCount++;
        window.reset(offset);
        stragglers.clear();
        redeliveries.clear();
        touched = null;
        changes.clear();
        inFlight = 0;
        deferred = 0;
        queued = 0;
    }

    /// Counts every message below the offset as done, since the log does not hold it any more; returns how many were
    /// unfinished. If any were, what else is in flight is queued, and ids become stale.
    public long dropBelow(long offset) {
        if (floor() >= offset) {
            return 0;
        }
        resetCount++;
        touched = null;
        queued += inFlight;
        inFlight = 0;
        queueInOrder();
        long before = unfinished();
        while (stragglers.unfinished() > 0 && stragglers.first() < offset) {
            drop(stragglers, stragglers.find(stragglers.first()));
        }
        long end = Math.min(offset, window.next);
        for (long next = window.base; next < end; next++) {
            int slot = window.slotOf(next);
            if (window.holder[slot] != Slots.DONE) {
                drop(window, slot);
            }
        }
        redeliveries.removeBelow(offset);
        long dropped = before - unfinished();
        changes.at(offset - 1);
        if (window.next < offset) {
            dropped += offset - window.next;
            window.reset(offset);
        }
        return dropped;
    }

    private void drop(Slots slots, int slot) {
        changes.at(slots.offsetAt(slot));
        if (slots.holder[slot] == Slots.DEFERRED) {
            deferred--;
        } else {
            queued--;
        }
        settle(slots, slot);
    }

    // Steps

    private Slots slotsOf(long offset) {
        return offset >= window.base ? window : stragglers;
    }

    private void settle(Slots slots, int slot) {
        slots.holder[slot] = Slots.DONE;
        slots.settled(slot);
    }

    /// From in flight or deferred to the redelivery queue.
    private void enqueue(Slots slots, int slot) {
        long offset = slots.offsetAt(slot);
        if (slots.holder[slot] == Slots.DEFERRED) {
            deferred--;
        } else {
            inFlight--;
            forgetTouch(offset);
        }
        slots.holder[slot] = Slots.QUEUED;
        queued++;
        if (returnsFirst) {
            redeliveries.addFirst(offset);
        } else {
            redeliveries.add(offset);
        }
    }

    private void forgetTouch(long offset) {
        var times = touched;
        if (times != null) {
            times.remove(offset);
        }
    }

    // What the cursor log remembers

    Changes changes() {
        return changes;
    }

    Window window() {
        return window;
    }

    Stragglers stragglers() {
        return stragglers;
    }

    /// Adds a message below `next` that was delivered before a restart; in order of offsets, before anything else
    /// happens.
    void restore(long offset, int attempts) {
        stragglers.add(offset, Slots.QUEUED, (char) attempts, 0);
        redeliveries.add(offset);
        queued++;
    }

    /// Defers a restored message, unless it was delivered since it was deferred after so many attempts. What was
    /// said of it before counts no more. To be followed by [#queueInOrder()].
    void restoreDeferral(long offset, int attempts, long nowMs, long leftMs) {
        int slot = stragglers.find(offset);
        if (slot < 0 || stragglers.attempts[slot] != attempts) {
            return;
        }
        if (stragglers.holder[slot] == Slots.DEFERRED) {
            stragglers.holder[slot] = Slots.QUEUED;
            deferred--;
            queued++;
        }
        if (leftMs > 0) {
            defer(offset, nowMs, nowMs + leftMs);
        }
    }
}
