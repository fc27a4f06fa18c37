package io.waystation.channel;

import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// NSQ's delivery. While both redeliveries and new messages wait they take turns, so that a wave of redeliveries does
/// not starve what is new: half of what is sent is new then.
final class SharedDispatch extends Dispatch {
    private boolean prefersNew;

    SharedDispatch(Cursor cursor, PartitionLog log, List<? extends Recipient> recipients, Outlet outlet) {
        super(cursor, log, recipients, outlet);
    }

    @Override
    public Delivery delivery() {
        return Delivery.SHARED;
    }

    @Override
    public boolean step() throws IOException {
        boolean isNew = hasNew();
        boolean isRedelivery = cursor.hasRedelivery();
        if (!isNew && !isRedelivery) {
            records.release();
            return false;
        }
        if (isLeavingFull()) {
            return false;
        }
        var recipient = nextReady();
        if (recipient == null) {
            return isRedelivery && isHeadWornOut() && redeliver(null);
        }
        if (isRedelivery && !(isNew && prefersNew)) {
            prefersNew = true;
            return redeliver(recipient);
        }
        prefersNew = false;
        var record = records.next();
        long offset = record.offset();
        if (!retiresNew(offset, record)) {
            outlet.push(recipient, offset, record);
        }
        return true;
    }

    private boolean redeliver(@Nullable Recipient recipient) throws IOException {
        long offset = cursor.pollRedelivery();
        var record = records.at(offset);
        if (!retires(offset, record) && record != null && recipient != null) {
            outlet.push(recipient, offset, record);
        }
        if (!cursor.hasRedelivery()) {
            records.releaseLookup();
        }
        return true;
    }
}
