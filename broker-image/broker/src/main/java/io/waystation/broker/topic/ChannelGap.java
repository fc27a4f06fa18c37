package io.waystation.broker.topic;

import org.jspecify.annotations.Nullable;

/// Offsets `[from, to)` that a channel passes over: messages of an imported nsqd that only other channels were to get.
/// Immutable.
record ChannelGap(long from, long to) {
    static final ChannelGap NONE = new ChannelGap(0, 0);
    /// The channel's property that holds it.
    static final String PROPERTY = "gap";

    static ChannelGap fromProperty(@Nullable String text) {
        if (text == null) {
            return NONE;
        }
        int dash = text.indexOf('-');
        return new ChannelGap(Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
    }

    String toProperty() {
        return from + "-" + to;
    }

    boolean contains(long offset) {
        return offset >= from && offset < to;
    }

    /// How many of the offsets `[start, end)` are in the gap.
    long countIn(long start, long end) {
        return Math.max(0, Math.min(to, end) - Math.max(from, start));
    }
}
