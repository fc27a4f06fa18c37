package io.waystation.channel;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A channel in memory: its cursor, its properties, and what the cursor log knows of it.
final class ChannelState {
    static final String EPHEMERAL_SUFFIX = "#ephemeral";

    final String name;
    final Cursor cursor;
    /// Immutable while empty, as it is for most.
    private Map<String, String> properties;

    final boolean ephemeral;

    /// As in the last delta.
    long writtenFloor;

    long writtenNext;
    long writtenMs;

    /// All that the log holds of the channel is below it.
    long writtenEnd;

    ChannelState(String name, Cursor cursor, Map<String, String> properties, long nowMs) {
        this.name = name;
        this.cursor = cursor;
        this.properties = properties.isEmpty() ? Map.of() : properties;
        this.ephemeral = name.endsWith(EPHEMERAL_SUFFIX);
        written(nowMs);
    }

    Map<String, String> properties() {
        return properties;
    }

    /// Null removes the property.
    void set(String key, @Nullable String value) {
        properties = changed(properties, key, value);
    }

    /// Properties that are immutable while empty, with another value for one of them; null removes it.
    static Map<String, String> changed(Map<String, String> properties, String key, @Nullable String value) {
        if (value == null) {
            if (!properties.isEmpty()) {
                properties.remove(key);
            }
            return properties;
        }
        var target = properties.isEmpty() ? new TreeMap<String, String>() : properties;
        target.put(key, value);
        return target;
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
