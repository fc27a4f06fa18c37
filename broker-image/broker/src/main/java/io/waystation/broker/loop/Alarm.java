package io.waystation.broker.loop;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Something that one object does at a time which may be moved as often as anybody likes: a client's next heartbeat, a
/// channel's next deadline. Confined to its loop.
///
/// Timers of a loop cannot be taken back, so moving an alarm must not cost one each time. It asks for another wake-up
/// only when it has none that is early enough, and for one behind which it has others it waits a power of two:
///
/// ```
///   now   wakes[2]      wakes[1]            dueMs             wakes[0]
///    |       |             |                  |                  |
///            looks again, and asks for the rest of the way
/// ```
///
/// Each of them is at most half as far away as the one asked for before, so there are never more than about 30.
public final class Alarm {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long[] NO_WAKES = {};

    private final Loop loop;
    private @Nullable Runnable action;
    private long dueMs = NEVER;
    /// When the loop wakes it, the next one last.
    private long[] wakes = NO_WAKES;
    private int wakeCount;

    public Alarm(Loop loop, Runnable action) {
        this.loop = loop;
        this.action = action;
    }

    /// Rings at that time of the loop's monotonic clock and no other, once; at none when it is `Long.MAX_VALUE`.
    public void set(long atMs) {
        assert loop.isCurrent();
        dueMs = action == null ? NEVER : atMs;
        arm();
    }

    public boolean isSet() {
        return dueMs != NEVER;
    }

    public void stop() {
        set(NEVER);
    }

    /// Never rings again, and holds its object no longer; may be told again from wherever that has gone.
    public void end() {
        if (action != null) {
            action = null;
            stop();
        }
    }

    private void arm() {
        if (dueMs == NEVER || (wakeCount > 0 && wakes[wakeCount - 1] <= dueMs)) {
            return;
        }
        long waitMs = Math.max(dueMs - loop.nowMs(), 1);
        if (wakeCount > 0) {
            waitMs = Long.highestOneBit(waitMs);
        }
        if (wakeCount == wakes.length) {
            wakes = Arrays.copyOf(wakes, Math.max(1, 2 * wakeCount));
        }
        wakes[wakeCount++] = loop.nowMs() + waitMs;
        loop.schedule(this::wake, waitMs);
    }

    private void wake() {
        wakeCount--;
        var rings = action;
        if (rings != null && dueMs <= loop.nowMs()) {
            dueMs = NEVER;
            rings.run();
        } else {
            arm();
        }
    }
}
