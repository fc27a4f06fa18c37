package io.waystation.channel;

import io.waystation.log.LogReader;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides which message a channel delivers next and to whom, and which it gives up: one class for each [Delivery].
/// Confined to the loop of its topic; time, consumers and the way out are the [Outlet]'s.
///
/// A message is given up when its channel's [settings][ChannelSettings] say so, at the moment at which it would be
/// delivered again, or when [#sweep] finds it too old. With a dead-letter topic it leaves in two steps:
///
/// ```
///   queued, or next --polled, parked--> LEAVING --stored in the dead-letter topic--> done
///                                          `--refused there--> deferred, then queued again
/// ```
///
/// so it is in one of both topics at any time, and in both after a crash in between; it is sent again then, and the
/// topic takes it once. The cursor counts a message that is LEAVING as queued.
public abstract sealed class Dispatch permits SharedDispatch, ExclusiveDispatch, KeySharedDispatch {
    /// Messages under way to the dead-letter topic; at either bound the channel waits for some to arrive.
    static final int MAX_LEAVING = 256;

    static final int MAX_LEAVING_BYTES = 8 * 1024 * 1024;

    /// A message that the dead-letter topic refused waits so long.
    static final long REFUSED_WAIT_MS = 1000;

    final Cursor cursor;
    final ChannelRecords records;
    final Outlet outlet;
    final List<? extends Recipient> recipients;

    private ChannelSettings settings;
    private int turn;
    private int leaving;
    private long leavingBytes;

    Dispatch(Cursor cursor, PartitionLog log, List<? extends Recipient> recipients, Outlet outlet) {
        this.cursor = cursor;
        this.records = new ChannelRecords(log, cursor);
        this.recipients = recipients;
        this.outlet = outlet;
        this.settings = ChannelSettings.DEFAULT;
    }

    /// For a channel of which nothing is in flight; what waits is delivered in the order of the log at first.
    ///
    /// @param recipients those who take messages, in the order in which they came; a view, whose owner
    ///     tells of changes ([#onJoined], [#onLeft])
    public static Dispatch of(
            ChannelSettings settings,
            Cursor cursor,
            PartitionLog log,
            List<? extends Recipient> recipients,
            Outlet outlet) {
        cursor.returnsFirst(settings.delivery() == Delivery.EXCLUSIVE);
        cursor.queueInOrder();
        Dispatch dispatch = switch (settings.delivery()) {
            case SHARED -> new SharedDispatch(cursor, log, recipients, outlet);
            case EXCLUSIVE -> new ExclusiveDispatch(cursor, log, recipients, outlet);
            case KEY_SHARED -> new KeySharedDispatch(cursor, log, recipients, outlet);
        };
        dispatch.settings = settings;
        return dispatch;
    }

    public abstract Delivery delivery();

    /// Other rules from now on. Another delivery among them is for the next dispatch.
    public final void settings(ChannelSettings changed) {
        settings = changed;
    }

    public final ChannelSettings settings() {
        return settings;
    }

    /// Whether nothing is on its way to anybody, so that another dispatch may take over.
    public final boolean isDrained() {
        return cursor.inFlightCount() == 0 && leaving == 0;
    }

    // ---- delivering

    /// Moves one message: pushes it, gives it up, or puts it where it waits. False when none can be moved now.
    public abstract boolean step() throws IOException;

    public void onJoined(Recipient recipient) {}

    /// It takes nothing more, though it may still finish what it has. May be told twice.
    public void onLeft(Recipient recipient) {}

    /// A message is done. Called after the cursor has heard of it.
    public void onFinished(long offset) {}

    /// The next in turn of the nearest of those with room; null when nobody has any.
    final @Nullable Recipient nextReady() {
        int count = recipients.size();
        int first = turn;
        Recipient nearest = null;
        for (int i = 0; i < count; i++) {
            int index = first + i < count ? first + i : first + i - count;
            if (index >= count) {
                index = 0;
            }
            var recipient = recipients.get(index);
            if (recipient.isReady() && (nearest == null || recipient.proximity().compareTo(nearest.proximity()) < 0)) {
                nearest = recipient;
                turn = index + 1 == count ? 0 : index + 1;
                if (recipient.proximity() == Proximity.ZONE) {
                    break;
                }
            }
        }
        return nearest;
    }

    /// Whether a message that was never delivered waits and may be taken.
    final boolean hasNew() {
        return cursor.next() < outlet.endOffset() && !cursor.stalled();
    }

    // ---- giving up

    /// Whether the message at the head of the queue was delivered as often as it may be.
    final boolean isHeadWornOut() {
        int limit = settings.maxAttempts();
        return limit > 0 && cursor.hasRedelivery() && cursor.attempts(cursor.peekRedelivery()) >= limit;
    }

    /// Takes a polled message out of the channel if a rule says so, or if it is no longer in the log. Whether it did.
    final boolean retires(long offset, @Nullable LogReader record) {
        if (record == null) {
            settle(offset);
            outlet.onRecordGone(offset);
            return true;
        }
        int limit = settings.maxAttempts();
        int attempts = cursor.attempts(offset);
        if (limit > 0 && attempts >= limit) {
            retire(offset, record, Retirement.MAX_ATTEMPTS, attempts);
            return true;
        }
        if (isExpired(record)) {
            retire(offset, record, Retirement.TIME_TO_LIVE, attempts);
            return true;
        }
        return false;
    }

    /// Takes `next()` out of the channel if it is none of its own or too old. Whether it did.
    final boolean retiresNew(long offset, LogReader record) {
        if (passesOver(offset, record)) {
            return true;
        }
        if (!isExpired(record)) {
            return false;
        }
        if (settings.deadLetterTopic() != null) {
            cursor.park();
        }
        retire(offset, record, Retirement.TIME_TO_LIVE, 0);
        return true;
    }

    /// Skips `next()` if it is none of the channel's own. Whether it did.
    final boolean passesOver(long offset, LogReader record) {
        if (!outlet.isPassedOver(offset, record)) {
            return false;
        }
        settle(offset);
        return true;
    }

    /// A deferred message is as old as the time since it was due.
    final boolean isExpired(LogReader record) {
        long limitMs = settings.timeToLiveMs();
        return limitMs > 0 && outlet.wallMs() - DeferredStore.availableSinceMs(record) > limitMs;
    }

    private void retire(long offset, LogReader record, Retirement reason, int attempts) {
        if (settings.deadLetterTopic() == null) {
            settle(offset);
            outlet.onDropped(offset, reason, attempts);
            return;
        }
        leaving++;
        leavingBytes += record.length();
        outlet.sendDeadLetter(offset, record, reason, attempts);
    }

    final void settle(long offset) {
        cursor.skip(offset);
        outlet.onCursorChanged();
        onFinished(offset);
    }

    final boolean isLeavingFull() {
        return leaving >= MAX_LEAVING || leavingBytes >= MAX_LEAVING_BYTES;
    }

    final int leaving() {
        return leaving;
    }

    /// A message of so many bytes is stored in the dead-letter topic. The generation is the cursor's when it left: a
    /// channel that was emptied since knows nothing of it.
    public final void onDeadLetterStored(int generation, long offset, int bytes) {
        if (generation == cursor.generation()) {
            leaving--;
            leavingBytes -= bytes;
            settle(offset);
        }
    }

    /// The dead-letter topic did not take the message; it is tried again.
    public void onDeadLetterRefused(int generation, long offset, int bytes) {
        if (generation == cursor.generation()) {
            leaving--;
            leavingBytes -= bytes;
            cursor.defer(offset, outlet.nowMs(), outlet.nowMs() + REFUSED_WAIT_MS);
        }
    }

    /// Gives up what is too old at the heads of what waits, whether or not there is a consumer; true when there may be
    /// more of it.
    public final boolean sweep(int budget) throws IOException {
        for (int left = budget; left > 0; left--) {
            if (isLeavingFull() || !(sweepQueue() || sweepNew())) {
                return false;
            }
        }
        return true;
    }

    /// Gives up the message at the head of the queue, if a rule says so.
    boolean sweepQueue() throws IOException {
        long offset = cursor.pollRedelivery();
        if (offset < 0) {
            return false;
        }
        if (retires(offset, records.at(offset))) {
            return true;
        }
        cursor.putBack(offset);
        return false;
    }

    boolean sweepNew() throws IOException {
        if (!hasNew()) {
            return false;
        }
        var record = records.next();
        if (retiresNew(record.offset(), record)) {
            return true;
        }
        records.stepBack();
        return false;
    }

    /// Gives up, unread, what waits below the offset: at the head of a queue, and what was never delivered. What
    /// is in flight, deferred or under way stays.
    ///
    /// Returns how many these were; if as many as `budget`, there may be more.
    public final long forget(long below, long budget) {
        long count = forgetSorted(below, budget);
        while (count < budget) {
            long offset = cursor.peekRedelivery();
            if (offset >= 0 && offset < below) {
                cursor.pollRedelivery();
                if (!cursor.isQueued(offset)) {
                    // It waited elsewhere as well, and was given up there.
                    continue;
                }
            } else if (hasNew() && cursor.next() < below) {
                offset = cursor.next();
            } else {
                break;
            }
            settle(offset);
            count++;
        }
        return count;
    }

    /// The same for what waits elsewhere than in the cursor's queue.
    long forgetSorted(long below, long budget) {
        return 0;
    }

    // ---- the whole channel

    /// The cursor stands elsewhere, under a new generation.
    public void reset() {
        records.reset();
        leaving = 0;
        leavingBytes = 0;
    }

    public void close() {
        records.close();
    }
}
