package io.waystation.channel;

import io.waystation.log.LogReader;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.util.List;

/// Messages of one key go to one consumer, one at a time in the order of the log ([Lanes]); those without a key to
/// whoever has room. A message that comes back, or waits to, or is under way to the dead-letter topic, holds back those
/// that follow in its lane and no others.
///
/// New messages are read as long as anybody has room, and parked where their lane is busy or its owner full. So a hot
/// key or a slow consumer stops others only when the channel is at its limit of unfinished messages.
///
/// Through the cursor's queue messages come back, and at the start all that is unfinished; a message in no lane finds
/// its lane by its record then. In both cases they come in an order that keeps each lane's: one that comes back was the
/// lane's first, and at the start the queue is in order of offsets.
///
/// What is deferred at the start is sorted in between by its offset. When it becomes its lane's first before its time,
/// the lane waits for it as for one that is with a consumer.
final class KeySharedDispatch extends Dispatch {
    private static final int NO_LANE = -1;

    private final Lanes lanes = new Lanes();
    /// Messages without a key that are to be delivered again.
    private final OffsetQueue keyless = new OffsetQueue();
    private boolean prefersNew;
    /// What was deferred when this began, in order, and how many of these have found their lane.
    private long[] deferred;

    private int sortedCount;
    /// Those of them that wait in a lane and will come through the cursor's queue besides.
    private final LongMap deferredInLane = new LongMap();

    KeySharedDispatch(Cursor cursor, PartitionLog log, List<? extends Recipient> recipients, Outlet outlet) {
        super(cursor, log, recipients, outlet);
        recipients.forEach(lanes::join);
        deferred = cursor.deferredOffsets();
    }

    @Override
    public Delivery delivery() {
        return Delivery.KEY_SHARED;
    }

    @Override
    public void onJoined(Recipient recipient) {
        lanes.join(recipient);
    }

    @Override
    public void onLeft(Recipient recipient) {
        lanes.leave(recipient);
    }

    @Override
    public void onFinished(long offset) {
        lanes.finish(offset);
        deferredInLane.remove(offset);
    }

    @Override
    public void reset() {
        super.reset();
        lanes.clear();
        keyless.clear();
        deferred = cursor.deferredOffsets();
        sortedCount = 0;
        deferredInLane.clear();
    }

    @Override
    public boolean step() throws IOException {
        if (isLeavingFull()) {
            return false;
        }
        if (cursor.hasRedelivery() || hasUnsorted()) {
            return sortIn();
        }
        boolean isNew = hasNew();
        if (!(isNew && prefersNew) && deliverWaiting()) {
            prefersNew = true;
            return true;
        }
        prefersNew = false;
        if (isNew) {
            return takeNew();
        }
        records.release();
        return false;
    }

    private boolean hasUnsorted() {
        return sortedCount < deferred.length;
    }

    /// Brings what came back to where it waits.
    private boolean sortIn() throws IOException {
        long queued = cursor.peekRedelivery();
        if (hasUnsorted() && (queued < 0 || deferred[sortedCount] <= queued)) {
            return sortInDeferred();
        }
        long offset = cursor.pollRedelivery();
        if (lanes.giveBack(offset) || deferredInLane.remove(offset)) {
            return true;
        }
        var record = records.at(offset);
        if (record == null) {
            return retires(offset, null);
        }
        int lane = laneOf(record);
        if (lane == NO_LANE) {
            keyless.add(offset);
        } else {
            lanes.park(lane, offset);
        }
        return true;
    }

    private boolean sortInDeferred() throws IOException {
        long offset = deferred[sortedCount];
        var record = cursor.isUnfinished(offset) ? records.at(offset) : null;
        int lane = record == null ? NO_LANE : laneOf(record);
        if (lane != NO_LANE) {
            lanes.park(lane, offset);
            deferredInLane.put(offset, lane);
        }
        sortedCount++;
        return true;
    }

    private static int laneOf(LogReader record) {
        int length = record.keyLength();
        return length < 0 ? NO_LANE : Lanes.laneOf(record.buffer(), record.keyPosition(), length);
    }

    private boolean deliverWaiting() throws IOException {
        int lane = lanes.runnable();
        var recipient = lane == NO_LANE ? keyless.size() > 0 ? nextReady() : null : lanes.owner(lane);
        if (recipient == null) {
            return false;
        }
        long offset = lane == NO_LANE ? keyless.poll() : lanes.take(lane);
        if (!cursor.isQueued(offset)) {
            return setAside(offset);
        }
        var record = records.at(offset);
        if (!retires(offset, record) && record != null && !outlet.push(recipient, offset, record)) {
            lanes.finish(offset);
        }
        return true;
    }

    /// A message that cannot be delivered now is its lane's first: it comes back when its time has come, unless it was
    /// dropped meanwhile.
    private boolean setAside(long offset) {
        deferredInLane.remove(offset);
        if (!cursor.isDeferred(offset)) {
            lanes.finish(offset);
        }
        return true;
    }

    private boolean takeNew() throws IOException {
        var anybody = nextReady();
        if (anybody == null) {
            return false;
        }
        var record = records.next();
        long offset = record.offset();
        if (passesOver(offset, record)) {
            return true;
        }
        int lane = laneOf(record);
        if (lane == NO_LANE) {
            if (!retiresNew(offset, record)) {
                outlet.push(anybody, offset, record);
            }
            return true;
        }
        var owner = lanes.owner(lane);
        if (!lanes.isIdle(lane) || owner == null || !owner.isReady()) {
            cursor.park();
            lanes.park(lane, offset);
            return true;
        }
        lanes.start(lane, offset);
        if (!retiresNew(offset, record) && !outlet.push(owner, offset, record)) {
            lanes.finish(offset);
        }
        return true;
    }

    @Override
    long forgetSorted(long below, long budget) {
        long count = 0;
        while (count < budget && keyless.size() > 0 && keyless.peek() < below) {
            settle(keyless.poll());
            count++;
        }
        return count + lanes.forget(below, budget - count, cursor::isQueued, this::settle);
    }

    /// What waits in lanes is looked at when its turn comes.
    @Override
    boolean sweepQueue() {
        return false;
    }

    @Override
    boolean sweepNew() throws IOException {
        if (cursor.hasRedelivery() || hasUnsorted() || !hasNew()) {
            // A lane is not known to be idle before everything in the queue has found its lane.
            return false;
        }
        var record = records.next();
        long offset = record.offset();
        if (passesOver(offset, record)) {
            return true;
        }
        int lane = laneOf(record);
        boolean isHeld = lane != NO_LANE && !lanes.isIdle(lane);
        if (isHeld || !isExpired(record)) {
            records.stepBack();
            return false;
        }
        if (lane != NO_LANE) {
            lanes.start(lane, offset);
        }
        return retiresNew(offset, record);
    }
}
