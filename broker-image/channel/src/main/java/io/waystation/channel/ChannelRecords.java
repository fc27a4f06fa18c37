package io.waystation.channel;

import io.waystation.log.LogReader;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The records of a channel's messages: one reader goes on with the new ones, another looks up those that are delivered
/// again. Both are made when they are needed, since most channels are idle. Confined to the loop of its topic.
final class ChannelRecords {
    private final PartitionLog log;
    private final Cursor cursor;
    private @Nullable LogReader reader;
    private @Nullable LogReader lookup;
    /// The offset that the reader gives next, or -1 when it has to be placed.
    private long readerOffset = -1;
    private long lookupOffset = -1;

    ChannelRecords(PartitionLog log, Cursor cursor) {
        this.log = log;
        this.cursor = cursor;
    }

    /// The record at the cursor's `next()`, which moves over offsets that are no longer in the log.
    LogReader next() throws IOException {
        long expected = cursor.next();
        var records = reader;
        if (records == null) {
            records = log.reader();
            reader = records;
        }
        if (readerOffset != expected) {
            records.seek(expected);
        }
        if (!records.next()) {
            throw new IOException("offset " + expected + " is missing (the log ends at " + log.endOffset() + ")");
        }
        long offset = records.offset();
        while (cursor.next() < offset) {
            cursor.skip(cursor.next());
        }
        readerOffset = offset + 1;
        return records;
    }

    /// What [#next()] gave is not taken now; it will be given again.
    void stepBack() {
        readerOffset = -1;
    }

    /// The record at an offset below the cursor's `next()`; null when it is no longer in the log.
    @Nullable LogReader at(long offset) throws IOException {
        if (offset < log.startOffset()) {
            return null;
        }
        var records = lookup;
        if (records == null) {
            records = log.reader();
            lookup = records;
        }
        if (lookupOffset != offset) {
            records.seek(offset);
        }
        if (!records.next() || records.offset() != offset) {
            throw new IOException("offset " + offset + " is missing (the log starts at " + log.startOffset() + ")");
        }
        lookupOffset = offset + 1;
        return records;
    }

    /// Gives buffers back while there is nothing to read.
    void release() {
        if (reader != null) {
            reader.release();
        }
        releaseLookup();
    }

    void releaseLookup() {
        if (lookup != null) {
            lookup.release();
        }
    }

    void reset() {
        readerOffset = -1;
        lookupOffset = -1;
    }

    void close() {
        if (reader != null) {
            reader.close();
        }
        if (lookup != null) {
            lookup.close();
        }
    }
}
