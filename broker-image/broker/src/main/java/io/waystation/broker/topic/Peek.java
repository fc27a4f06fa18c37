package io.waystation.broker.topic;

import io.waystation.channel.MessageState;
import io.waystation.channel.UnfinishedScan;
import io.waystation.log.LogSnapshot;
import io.waystation.wire.MessageId;
import java.util.EnumSet;
import java.util.Set;

/// What a look at messages needs of a topic's loop, copied there without reading the log: offsets, states,
/// attempts. The records are read elsewhere, from the [LogSnapshot]. Nothing of the topic changes.
public final class Peek {
    /// Slots of a cursor that one step looks at; more would hold up the loop for longer than a millisecond.
    private static final int SLOTS_PER_STEP = 64 * 1024;

    private Peek() {}

    /// What is stored of a topic: the offsets `[startOffset, endOffset)`, some of which may lie in deleted files by the
    /// time they are read.
    ///
    /// @param shard part of messages' ids
    public record Stored(LogSnapshot log, long startOffset, long endOffset, int shard) {}

    /// On the topic's loop.
    public static Stored stored(Topic topic) {
        return new Stored(
                topic.log().partition().snapshot(),
                topic.log().startOffset(),
                topic.log().committedEnd(),
                topic.shard());
    }

    /// Which messages of a channel are wanted: those in one of the states, in order of offsets from `from` on.
    public record Wanted(String channel, Set<MessageState> states, long from, int limit) {
        public Wanted {
            states = EnumSet.copyOf(states);
        }
    }

    /// Messages of a channel that were found. Built up on the topic's loop, step by step, then read by whoever asked.
    public static final class Found {
        private final long[] offsets;
        private final MessageState[] states;
        private final int[] attempts;
        private int count;
        private int generation;
        private int shard;
        private long endOffset;
        private long nextOffset;

        private Found(int limit) {
            offsets = new long[limit];
            states = new MessageState[limit];
            attempts = new int[limit];
        }

        private boolean add(long offset, MessageState state, int delivered) {
            offsets[count] = offset;
            states[count] = state;
            attempts[count] = delivered;
            count++;
            return count < offsets.length;
        }

        private boolean isFull() {
            return count == offsets.length;
        }

        public int count() {
            return count;
        }

        public long offset(int index) {
            return offsets[index];
        }

        public MessageState state(int index) {
            return states[index];
        }

        /// How often the message was delivered.
        public int attempts(int index) {
            return attempts[index];
        }

        /// The message's id in this channel.
        public long id(int index) {
            return MessageId.of(shard, generation, offsets[index]);
        }

        /// Where the following message is looked for, or the channel's end.
        public long nextOffset() {
            return nextOffset;
        }

        public boolean isAtEnd() {
            return nextOffset >= endOffset;
        }
    }

    /// Where a search begins; the found messages stay empty until [#step] has filled them.
    public static Found begin(Wanted wanted) {
        var found = new Found(wanted.limit());
        found.nextOffset = wanted.from();
        return found;
    }

    /// How a search stands.
    public enum Progress {
        UNDER_WAY,
        DONE,
        NO_CHANNEL
    }

    /// One step of the search, on the topic's loop.
    public static Progress step(Topic topic, Wanted wanted, Found found) {
        var channel = topic.channel(wanted.channel());
        if (channel == null) {
            return Progress.NO_CHANNEL;
        }
        var cursor = channel.cursor();
        found.generation = cursor.generation();
        found.shard = topic.shard();
        found.endOffset = topic.latestOffset();
        long from = Math.max(found.nextOffset, cursor.floor());
        if (from < cursor.next()) {
            from = UnfinishedScan.run(
                    cursor,
                    from,
                    SLOTS_PER_STEP,
                    (offset, state, attempts) ->
                            !wanted.states().contains(state) || found.add(offset, state, attempts));
        }
        if (from < cursor.next() || found.isFull()) {
            found.nextOffset = from;
            return found.isFull() ? Progress.DONE : Progress.UNDER_WAY;
        }
        found.nextOffset = addUndelivered(topic, wanted, found, from);
        return Progress.DONE;
    }

    private static long addUndelivered(Topic topic, Wanted wanted, Found found, long from) {
        if (!wanted.states().contains(MessageState.WAITING)) {
            return found.endOffset;
        }
        long offset = from;
        while (offset < found.endOffset && !found.isFull()) {
            long behind = topic.channels().emptied().endOf(offset);
            if (behind == offset) {
                found.add(offset++, MessageState.WAITING, 0);
            } else {
                offset = behind;
            }
        }
        return offset;
    }
}
