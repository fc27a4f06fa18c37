package io.waystation.channel;

import org.jspecify.annotations.Nullable;

/// Names a deferred message for as long as it waits: its bucket's start and width and its place in it. As text
/// `<start>-<width>-<place>`.
record DeferredId(long startMs, long widthMs, long entry) {
    String text() {
        return startMs + "-" + widthMs + "-" + entry;
    }

    /// Null when the text is no id.
    static @Nullable DeferredId parse(String text) {
        var parts = text.split("-", -1);
        if (parts.length != 3) {
            return null;
        }
        try {
            return new DeferredId(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
        } catch (NumberFormatException notANumber) {
            return null;
        }
    }
}
