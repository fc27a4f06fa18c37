package io.waystation.broker.topic;

import io.waystation.channel.CursorLog;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Offsets that were dropped from a topic before any channel had them: every channel passes over them,
/// whether it comes there late, begins before them or goes back. Kept as a property of the topic.
/// Confined to the topic's loop.
///
/// Ranges `[from, to)` in order, none touching the next. There are [#MAX_RANGES] at most: a topic that
/// was emptied so often forgets those that all its channels are past, which only a channel that goes
/// back would still see; while there is none, emptying is refused.
final class EmptiedRanges {
    static final int MAX_RANGES = 256;

    private static final String PROPERTY = "emptied";
    private static final long[] NOTHING = {};

    private final CursorLog cursors;
    /// The `from` and `to` of each.
    private long[] bounds;

    EmptiedRanges(CursorLog cursors) {
        this.cursors = cursors;
        this.bounds = parse(cursors.topicProperty(PROPERTY));
    }

    private static long[] parse(@Nullable String text) {
        if (text == null) {
            return NOTHING;
        }
        return Arrays.stream(text.split("[-,]", -1)).mapToLong(Long::parseLong).toArray();
    }

    int count() {
        return bounds.length / 2;
    }

    boolean contains(long offset) {
        return endOf(offset) > offset;
    }

    /// Where the range that holds the offset ends; the offset itself when none does.
    long endOf(long offset) {
        if (bounds.length == 0 || offset >= bounds[bounds.length - 1]) {
            return offset;
        }
        int at = Arrays.binarySearch(bounds, offset);
        // Found or not: how many bounds are at the offset or below it. An odd number ends with a `from`.
        int below = at >= 0 ? at + 1 : -at - 1;
        return below % 2 == 0 ? offset : bounds[below];
    }

    /// How many of the offsets `[start, end)` are in ranges.
    long countIn(long start, long end) {
        long count = 0;
        for (int i = bounds.length - 2; i >= 0 && bounds[i + 1] > start; i -= 2) {
            count += Math.max(0, Math.min(bounds[i + 1], end) - Math.max(bounds[i], start));
        }
        return count;
    }

    /// Adds a range that begins at the end of the last one or behind it, for good. `startOffset` is
    /// where the log begins, and `floor` an offset that all channels are past and will be after a
    /// crash.
    void add(long from, long to, long startOffset, long floor) throws IOException {
        int first = firstBehind(startOffset);
        boolean touches = bounds.length > first && bounds[bounds.length - 1] == from;
        if (!touches && (bounds.length - first) / 2 >= MAX_RANGES) {
            first = firstBehind(floor);
        }
        if (!touches && (bounds.length - first) / 2 >= MAX_RANGES) {
            throw new IOException("emptied ranges: " + count() + " that channels have not passed (expected: fewer than "
                    + MAX_RANGES + ")");
        }
        var changed = Arrays.copyOfRange(bounds, first, touches ? bounds.length : bounds.length + 2);
        if (!touches) {
            changed[changed.length - 2] = from;
        }
        changed[changed.length - 1] = to;
        become(changed);
    }

    /// The place of the first range that does not end below the offset or at it.
    private int firstBehind(long offset) {
        int first = 0;
        while (first < bounds.length && bounds[first + 1] <= offset) {
            first += 2;
        }
        return first;
    }

    /// Offsets from the end on are given to new messages; whether a range knew some of them.
    boolean cut(long end) throws IOException {
        if (bounds.length == 0 || bounds[bounds.length - 1] <= end) {
            return false;
        }
        int count = bounds.length;
        while (count > 0 && bounds[count - 2] >= end) {
            count -= 2;
        }
        var changed = Arrays.copyOf(bounds, count);
        if (count > 0) {
            changed[count - 1] = Math.min(changed[count - 1], end);
        }
        become(changed);
        return true;
    }

    private void become(long[] changed) throws IOException {
        cursors.setTopic(PROPERTY, changed.length == 0 ? null : text(changed));
        bounds = changed;
    }

    private static String text(long[] bounds) {
        var text = new StringBuilder();
        for (int i = 0; i < bounds.length; i += 2) {
            text.append(i == 0 ? "" : ",").append(bounds[i]).append('-').append(bounds[i + 1]);
        }
        return text.toString();
    }
}
