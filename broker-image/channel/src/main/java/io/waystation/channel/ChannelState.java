package io.waystation.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// A channel in memory: its cursor, its properties, and what the cursor log knows of it.
final class ChannelState {
    static final String EPHEMERAL_SUFFIX = "#ephemeral";

    final ByteBuffer key;
    final Cursor cursor;
    final Map<String, String> properties;
    final boolean ephemeral;

    /// As in the last delta.
    long writtenFloor;

    long writtenNext;
    long writtenMs;

    /// All that the log holds of the channel is below it.
    long writtenEnd;

    ChannelState(String name, Cursor cursor, Map<String, String> properties, long nowMs) {
        this.key = ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8));
        this.cursor = cursor;
        this.properties = properties;
        this.ephemeral = name.endsWith(EPHEMERAL_SUFFIX);
        written(nowMs);
    }

    boolean isDeltaDue(long nowMs, CursorLogSettings settings) {
        return !cursor.changes().isEmpty()
                && (nowMs - writtenMs >= settings.deltaIntervalMs()
                        || cursor.changes().answers() >= settings.deltaFinishes());
    }

    boolean isChanged() {
        return !cursor.changes().isEmpty();
    }

    /// The log says now what the cursor says.
    void written(long nowMs) {
        cursor.changes().clear();
        writtenFloor = cursor.floor();
        writtenNext = cursor.next();
        writtenMs = nowMs;
    }
}
