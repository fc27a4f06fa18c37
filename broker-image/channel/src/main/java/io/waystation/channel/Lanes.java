package io.waystation.channel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// Keeps the order of a channel's messages per key: a key belongs to one of 1,024 lanes, and of a lane one message at a
/// time is with a consumer. Confined to the loop of its topic.
///
/// ```
///             start                    done, next waits
///   IDLE --------------> ACTIVE ---------------------------> RUNNABLE --take--> ACTIVE
///     ^                  |    ^ `---returned (to the head)----^
///     `---done, none waits    |
///                         parked: behind those that wait
/// ```
///
/// Each lane has an owner while there is a consumer; lanes are shared out evenly, and only as many change hands as must
/// when one joins or leaves. What follows in a lane goes to the new owner once the message that is with the old one is
/// done or back, so the lane drains first and only that lane waits.
///
/// Parked offsets take 8 bytes each; the cursor, which holds each of them as unfinished, bounds their number.
final class Lanes {
    static final int COUNT = 1024;

    private static final long NOTHING = -1;
    private static final int HASH_FACTOR = 0x9E3779B1;

    /// What one consumer owns.
    private static final class Share {
        final Recipient recipient;
        final BitSet runnable = new BitSet(COUNT);
        int count;
        int turn;

        Share(Recipient recipient) {
            this.recipient = recipient;
        }
    }

    private final List<Share> shares = new ArrayList<>();
    private final @Nullable Share[] owners = new Share[COUNT];
    private final long[] active = new long[COUNT];
    private final @Nullable OffsetQueue[] parked = new OffsetQueue[COUNT];
    /// Lane by the offset that is active in it.
    private final LongMap laneOfActive = new LongMap();
    private int shareTurn;

    Lanes() {
        Arrays.fill(active, NOTHING);
    }

    static int laneOf(ByteBuffer source, int position, int length) {
        int hash = 1;
        for (int at = position; at < position + length; at++) {
            hash = 31 * hash + source.get(at);
        }
        return (hash * HASH_FACTOR) >>> (Integer.SIZE - Integer.numberOfTrailingZeros(COUNT));
    }

    // ---- owners

    /// Gives the consumer its share of lanes, from those who have more.
    void join(Recipient recipient) {
        var joined = new Share(recipient);
        shares.add(joined);
        int fair = COUNT / shares.size();
        for (int lane = 0; lane < COUNT && (joined.count < fair || shares.size() == 1); lane++) {
            var owner = owners[lane];
            if (owner == null || owner.count > fair) {
                assign(lane, joined);
            }
        }
    }

    /// Shares the consumer's lanes out among the others; nothing when it had left before.
    void leave(Recipient recipient) {
        Share left = null;
        for (var share : shares) {
            left = share.recipient.owner() == recipient.owner() ? share : left;
        }
        if (left == null) {
            return;
        }
        shares.remove(left);
        for (int lane = 0; lane < COUNT; lane++) {
            if (owners[lane] == left) {
                assign(lane, smallest());
            }
        }
    }

    private @Nullable Share smallest() {
        Share smallest = null;
        for (var share : shares) {
            smallest = smallest == null || share.count < smallest.count ? share : smallest;
        }
        return smallest;
    }

    private void assign(int lane, @Nullable Share to) {
        var from = owners[lane];
        if (from != null) {
            from.count--;
            from.runnable.clear(lane);
        }
        owners[lane] = to;
        if (to != null) {
            to.count++;
            to.runnable.set(lane, isRunnable(lane));
        }
    }

    @Nullable Recipient owner(int lane) {
        var share = owners[lane];
        return share == null ? null : share.recipient;
    }

    // ---- messages

    boolean isIdle(int lane) {
        return active[lane] == NOTHING && waiting(lane) == 0;
    }

    private boolean isRunnable(int lane) {
        return active[lane] == NOTHING && waiting(lane) > 0;
    }

    private int waiting(int lane) {
        var queue = parked[lane];
        return queue == null ? 0 : queue.size();
    }

    /// The lane, which must be idle, gets its one message.
    void start(int lane, long offset) {
        assert isIdle(lane) : lane;
        activate(lane, offset);
    }

    private void activate(int lane, long offset) {
        active[lane] = offset;
        laneOfActive.put(offset, lane);
    }

    /// The message waits behind all others of the lane.
    void park(int lane, long offset) {
        queue(lane).add(offset);
        update(lane);
    }

    private OffsetQueue queue(int lane) {
        var queue = parked[lane];
        if (queue == null) {
            queue = new OffsetQueue();
            parked[lane] = queue;
        }
        return queue;
    }

    private void update(int lane) {
        var share = owners[lane];
        if (share != null) {
            share.runnable.set(lane, isRunnable(lane));
        }
    }

    /// A runnable lane whose owner has room, the owners and each one's lanes in turn; -1 when there is none.
    int runnable() {
        int count = shares.size();
        for (int i = 0; i < count; i++) {
            int index = (shareTurn + i) % count;
            var share = shares.get(index);
            if (!share.runnable.isEmpty() && share.recipient.isReady()) {
                shareTurn = index + 1;
                return nextLane(share);
            }
        }
        return -1;
    }

    private static int nextLane(Share share) {
        int lane = share.runnable.nextSetBit(share.turn);
        if (lane < 0) {
            lane = share.runnable.nextSetBit(0);
        }
        share.turn = lane + 1;
        return lane;
    }

    /// Makes the first message that waits in a runnable lane its active one.
    long take(int lane) {
        assert isRunnable(lane) : lane;
        long offset = queue(lane).poll();
        activate(lane, offset);
        update(lane);
        return offset;
    }

    /// The active message of some lane came back: it waits before all others of its lane. False when it is active in
    /// none.
    boolean giveBack(long offset) {
        int lane = (int) laneOfActive.get(offset, NOTHING);
        if (lane < 0) {
            return false;
        }
        queue(lane).addFirst(offset);
        passivate(lane);
        return true;
    }

    /// The message is done; nothing when it is active in no lane.
    void finish(long offset) {
        int lane = (int) laneOfActive.get(offset, NOTHING);
        if (lane >= 0) {
            passivate(lane);
        }
    }

    private void passivate(int lane) {
        laneOfActive.remove(active[lane]);
        active[lane] = NOTHING;
        update(lane);
    }

    /// Takes out what waits below the offset at the heads of the lanes and may go, so many messages at most; how many
    /// these were.
    long forget(long below, long budget, LongPredicate mayGo, LongConsumer forgotten) {
        long count = 0;
        for (int lane = 0; lane < COUNT && count < budget; lane++) {
            var queue = parked[lane];
            if (queue == null) {
                continue;
            }
            while (count < budget && queue.size() > 0 && queue.peek() < below && mayGo.test(queue.peek())) {
                forgotten.accept(queue.poll());
                count++;
            }
            update(lane);
        }
        return count;
    }

    /// Forgets all messages; the owners stay.
    void clear() {
        laneOfActive.clear();
        Arrays.fill(active, NOTHING);
        Arrays.fill(parked, null);
        for (var share : shares) {
            share.runnable.clear();
        }
    }
}
