package io.waystation.channel;

import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.util.List;

/// One consumer gets everything, one message at a time in the order of the log: the one that came first, until it
/// leaves. A message that comes back, or waits to, or is under way to the dead-letter topic, holds back all that
/// follow. What is done is in the cursor log, as durably as the topic promises, before the next message is pushed:
/// after the end of the process, under flush `disk` also after a power loss, at most the one message that was with
/// the consumer comes twice, and none after its successor.
final class ExclusiveDispatch extends Dispatch {
    /// Dead letters leave several at a time, and those that were refused come back in any order; so does what was
    /// deferred before this delivery began.
    private boolean outOfOrder;

    ExclusiveDispatch(Cursor cursor, PartitionLog log, List<? extends Recipient> recipients, Outlet outlet) {
        super(cursor, log, recipients, outlet);
        outOfOrder = cursor.deferredCount() > 0;
    }

    @Override
    public Delivery delivery() {
        return Delivery.EXCLUSIVE;
    }

    @Override
    public boolean step() throws IOException {
        if (!isDrained() || cursor.deferredCount() > 0) {
            return false;
        }
        if (outOfOrder) {
            outOfOrder = false;
            cursor.queueInOrder();
        }
        boolean isRedelivery = cursor.hasRedelivery();
        if (!isRedelivery && !hasNew()) {
            records.release();
            return false;
        }
        if (isHeadWornOut()) {
            return sweepQueue();
        }
        if (recipients.isEmpty() || !recipients.getFirst().isReady() || !outlet.writeCursor()) {
            return false;
        }
        return isRedelivery ? redeliver() : deliverNew();
    }

    @Override
    public void onDeadLetterRefused(int generation, long offset, int bytes) {
        super.onDeadLetterRefused(generation, offset, bytes);
        outOfOrder = true;
    }

    private boolean redeliver() throws IOException {
        long offset = cursor.pollRedelivery();
        var record = records.at(offset);
        if (!retires(offset, record) && record != null) {
            outlet.push(recipients.getFirst(), offset, record);
        }
        return true;
    }

    private boolean deliverNew() throws IOException {
        var record = records.next();
        long offset = record.offset();
        if (!retiresNew(offset, record)) {
            outlet.push(recipients.getFirst(), offset, record);
        }
        return true;
    }
}
