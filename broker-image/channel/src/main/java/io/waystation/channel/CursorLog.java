package io.waystation.channel;

import io.waystation.log.FileStore;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The memory of a partition's channels: which there are, with which properties, and how far each has come; and the
/// properties of its topic. An append-only log in the directory `cursors`. Confined to the loop of its topic.
///
/// - What somebody asked for (create, delete, pause, empty, seek) is with the operating system when the call returns.
/// - How far a channel has come is written as deltas, now and then ([#writeDeltas]). After a crash the messages
///   finished since the last delta come again, and what was in flight is to be delivered at once. How often a message
///   was delivered is kept, and until when one is deferred that came back with a delay ([Deferrals]).
/// - A checkpoint repeats everything, so that the segments before it can go. It does not rest on being whole: one that
///   a crash cut short is passed over.
/// - Channels whose name ends in `#ephemeral` are in memory only.
///
/// Records: [CursorRecord].
public final class CursorLog implements AutoCloseable {
    /// Deleted channels whose resets are remembered, so that a channel of the same name goes on counting. The oldest
    /// are forgotten: their names begin at 0 again, and consumers may see message ids for a second time.
    static final int MAX_DELETED_COUNTS = 1_000;

    /// A delta with more pages than fit in here becomes several records.
    private static final int RECORD_BYTES = 64 * 1024;

    /// Records go to the log in batches of about this size.
    private static final int BATCH_BYTES = 256 * 1024;

    private static final int CHECKPOINT_FACTOR = 4;
    private static final long CHECKPOINT_OVERDUE = Long.MAX_VALUE / 2;

    private static final String PAUSED = "paused";
    private static final String OWNER = "owner";
    private static final String SETTINGS = "settings";
    private static final String SKIP_DEFERRED_BEFORE = "skipDeferredBefore";

    private static final ByteBuffer NO_KEY = ByteBuffer.allocate(0);
    private static final SequencedMap<String, Integer> NONE_DELETED =
            Collections.unmodifiableSequencedMap(new LinkedHashMap<>());

    private final PartitionLog log;
    private final CursorLogSettings settings;
    private final TreeMap<String, ChannelState> channels = new TreeMap<>();
    /// These two are immutable while empty, as they are for most topics.
    private Map<String, String> topicProperties;

    private SequencedMap<String, Integer> deletedResetCounts;
    private final ByteWriter record = new ByteWriter();
    private final ByteWriter pages = new ByteWriter();
    private final List<ChannelState> unwritten = new ArrayList<>();

    private Moment now;
    private long bytesSinceCheckpoint;
    private long checkpointBytes;

    /// The oldest checkpoint that is not known to be durable: its first record, and the offset behind its last one.
    private long checkpointStart = -1;

    private long checkpointEnd;

    private CursorLog(PartitionLog log, CursorLogSettings settings, CursorReplay replay, Moment now) {
        this.log = log;
        this.settings = settings;
        this.topicProperties = replay.topicProperties.isEmpty() ? Map.of() : replay.topicProperties;
        this.deletedResetCounts = replay.deletedResetCounts.isEmpty() ? NONE_DELETED : replay.deletedResetCounts;
        this.now = now;
        this.bytesSinceCheckpoint = log.sizeBytes();
    }

    /// Opens the log in the directory and restores the channels' cursors within what `partition` holds.
    public static CursorLog open(
            FileStore files, Path directory, PartitionLog partition, CursorLogSettings settings, Moment now)
            throws IOException {
        var log = PartitionLog.open(files, directory, settings.log());
        var replay = new CursorReplay();
        replay.run(log);
        var opened = new CursorLog(log, settings, replay, now);
        boolean ahead = false;
        for (String name : replay.channels()) {
            var cursor = replay.cursor(name, partition.startOffset(), partition.endOffset(), now);
            opened.keep(name, cursor, replay.properties(name));
            ahead |= replay.isAheadOf(name, partition.endOffset());
        }
        if (replay.latestDeferralMs() > now.wallMs()) {
            // The clock was set back. The next checkpoint says by the new time what is left of the delays.
            opened.bytesSinceCheckpoint = CHECKPOINT_OVERDUE;
        }
        if (ahead) {
            // Were this lost, the next start would take the new messages for those that were delivered.
            opened.checkpoint();
            log.sync();
        }
        return opened;
    }

    private Cursor keep(String name, Cursor cursor, Map<String, String> properties) {
        var state = new ChannelState(name, cursor, properties, now.nowMs());
        state.writtenEnd = state.ephemeral ? 0 : log.endOffset();
        channels.put(name, state);
        return cursor;
    }

    /// The log itself, for sealing and syncing.
    public PartitionLog log() {
        return log;
    }

    // Channels

    /// The channels by name, with their cursors, as of now.
    public Map<String, Cursor> channels() {
        var cursors = new TreeMap<String, Cursor>();
        channels.forEach((name, state) -> cursors.put(name, state.cursor));
        return cursors;
    }

    public Cursor createChannel(String name, long floor) throws IOException {
        if (channels.containsKey(name)) {
            throw new IllegalStateException("channel " + name + " exists");
        }
        Integer deleted = deletedResetCounts.get(name);
        int resetCount = deleted == null ? 0 : deleted + 1;
        var state = new ChannelState(name, new Cursor(resetCount, floor), Map.of(), now.nowMs());
        begin(CursorRecord.CREATED).number(resetCount).number(floor);
        append(state);
        if (deleted != null) {
            deletedResetCounts.remove(name);
        }
        return keep(name, state.cursor, Map.of());
    }

    public void deleteChannel(String name) throws IOException {
        var state = state(name);
        int resetCount = state.cursor.resetCount();
        begin(CursorRecord.DELETED).number(resetCount);
        append(state);
        channels.remove(name);
        if (deletedResetCounts.isEmpty()) {
            deletedResetCounts = new LinkedHashMap<>();
        }
        deletedResetCounts.putLast(name, resetCount);
        if (deletedResetCounts.size() > MAX_DELETED_COUNTS) {
            deletedResetCounts.pollFirstEntry();
        }
    }

    /// [Cursor#empty] that lasts. Of what is deferred, the messages published before the time are not the channel's
    /// any more: both are in the log or none.
    public void empty(String channel, long endOffset, long skipDeferredBeforeMs) throws IOException {
        var state = state(channel);
        var mark = Long.toString(skipDeferredBeforeMs);
        if (!state.ephemeral) {
            writeProperty(SKIP_DEFERRED_BEFORE, mark);
            add(state);
        }
        seek(channel, endOffset);
        state.set(SKIP_DEFERRED_BEFORE, mark);
    }

    /// Deferred messages published before this time are none of the channel's.
    public long skipDeferredBeforeMs(String channel) {
        var mark = property(channel, SKIP_DEFERRED_BEFORE);
        return mark == null ? Long.MIN_VALUE : Long.parseLong(mark);
    }

    /// [Cursor#seek] that lasts.
    public void seek(String channel, long offset) throws IOException {
        var state = state(channel);
        begin(CursorRecord.RESET).number(state.cursor.resetCount() + 1).number(offset);
        append(state);
        state.cursor.seek(offset);
        state.written(now.nowMs());
    }

    // Properties

    public boolean paused(String channel) {
        return state(channel).properties().containsKey(PAUSED);
    }

    public void setPaused(String channel, boolean paused) throws IOException {
        set(channel, PAUSED, paused ? "true" : null);
    }

    public @Nullable Owner owner(String channel) {
        return owner(state(channel).properties());
    }

    public void setOwner(String channel, @Nullable Owner owner) throws IOException {
        set(channel, OWNER, owner == null ? null : owner.toProperty());
    }

    public ChannelSettings settings(String channel) throws IOException {
        String text = state(channel).properties().get(SETTINGS);
        return text == null ? ChannelSettings.DEFAULT : ChannelSettings.fromProperty(text);
    }

    public void setSettings(String channel, ChannelSettings settings) throws IOException {
        set(channel, SETTINGS, settings.equals(ChannelSettings.DEFAULT) ? null : settings.toProperty());
    }

    /// What was set with [#set].
    public @Nullable String property(String channel, String key) {
        return state(channel).properties().get(key);
    }

    /// Sets a property of a channel; null removes it.
    public void set(String channel, String key, @Nullable String value) throws IOException {
        var state = state(channel);
        writeProperty(key, value);
        append(state);
        state.set(key, value);
    }

    public boolean topicPaused() {
        return topicProperties.containsKey(PAUSED);
    }

    public void setTopicPaused(boolean paused) throws IOException {
        setTopic(PAUSED, paused ? "true" : null);
    }

    public @Nullable Owner topicOwner() {
        return owner(topicProperties);
    }

    public void setTopicOwner(@Nullable Owner owner) throws IOException {
        setTopic(OWNER, owner == null ? null : owner.toProperty());
    }

    public @Nullable String topicProperty(String key) {
        return topicProperties.get(key);
    }

    /// Sets a property of the topic; null removes it.
    public void setTopic(String key, @Nullable String value) throws IOException {
        writeProperty(key, value);
        addOfTopic();
        log.append();
        topicProperties = ChannelState.changed(topicProperties, key, value);
    }

    private static @Nullable Owner owner(Map<String, String> properties) {
        String text = properties.get(OWNER);
        return text == null ? null : Owner.fromProperty(text);
    }

    private void writeProperty(String key, @Nullable String value) {
        begin(CursorRecord.PROPERTIES).text(key).octet(value == null ? 0 : 1);
        if (value != null) {
            record.text(value);
        }
    }

    // Deltas and checkpoints

    /// Writes what changed in the channels whose delta is due, or in all of them.
    public void writeDeltas(Moment newNow, boolean all) throws IOException {
        now = newNow;
        for (var state : channels.values()) {
            if (state.isDeltaDue(now.nowMs(), settings) || (all && state.isChanged())) {
                writeDelta(state);
            }
        }
        flush();
        if (bytesSinceCheckpoint >= Math.max(settings.checkpointBytes(), CHECKPOINT_FACTOR * checkpointBytes)) {
            checkpoint();
        }
        reclaim();
    }

    /// Writes what changed in one channel without waiting for its delta to be due.
    public void writeDelta(String channel, Moment newNow) throws IOException {
        now = newNow;
        var state = state(channel);
        if (state.isChanged()) {
            writeDelta(state);
            flush();
        }
    }

    /// Whether what was written of a channel survives a power loss.
    public boolean isFlushed(String channel) {
        return state(channel).writtenEnd <= log.flushedEnd();
    }

    /// Whether a channel has changes that are not written.
    public boolean hasChanges() {
        for (var state : channels.values()) {
            if (state.isChanged()) {
                return true;
            }
        }
        return false;
    }

    private void writeDelta(ChannelState state) throws IOException {
        if (state.ephemeral) {
            state.written(now.nowMs());
            return;
        }
        var cursor = state.cursor;
        var changes = cursor.changes();
        writeDeferrals(
                state,
                CursorRecord.DEFERRALS,
                changes.listsDeferrals() ? changes.deferrals() : cursor.deferredOffsets());
        long firstPage = UnfinishedPage.of(cursor.floor());
        pages.clear();
        for (long page : changes.pages()) {
            if (page < firstPage) {
                continue;
            }
            if (pages.length() >= RECORD_BYTES) {
                // Pages may be ahead of the position, never the other way round: below it, what no page names is done.
                addDelta(state, state.writtenFloor, state.writtenNext);
            }
            UnfinishedPage.write(cursor, page, pages);
        }
        addDelta(state, cursor.floor(), cursor.next());
        unwritten.add(state);
        if (log.pendingBytes() >= BATCH_BYTES) {
            flush();
        }
    }

    /// Of these messages those that are deferred.
    private void writeDeferrals(ChannelState state, int type, long[] offsets) throws IOException {
        int index = 0;
        while (index < offsets.length) {
            begin(type, CursorRecord.SKIPPABLE);
            index = Deferrals.write(state.cursor, offsets, index, now, record, RECORD_BYTES);
            if (record.length() > CursorRecord.HEADER_BYTES) {
                add(state);
            }
            if (log.pendingBytes() >= BATCH_BYTES) {
                flush();
            }
        }
    }

    private void addDelta(ChannelState state, long floor, long next) {
        begin(CursorRecord.DELTA)
                .number(state.cursor.resetCount())
                .number(floor)
                .number(next)
                .append(pages);
        add(state);
        pages.clear();
    }

    private void flush() throws IOException {
        int bytes = log.pendingBytes();
        try {
            log.append();
            bytesSinceCheckpoint += bytes;
            for (var state : unwritten) {
                state.written(now.nowMs());
                state.writtenEnd = log.endOffset();
            }
        } finally {
            unwritten.clear();
        }
    }

    private void checkpoint() throws IOException {
        long start = log.endOffset();
        long sizeBefore = log.sizeBytes();
        begin(CursorRecord.CHECKPOINT_BEGIN);
        writeProperties(topicProperties);
        deletedResetCounts.forEach((name, resetCount) -> record.text(name).number(resetCount));
        addOfTopic();
        for (var state : channels.values()) {
            if (!state.ephemeral) {
                checkpoint(state);
            }
        }
        flush();
        checkpointBytes = log.sizeBytes() - sizeBefore;
        bytesSinceCheckpoint = 0;
        if (checkpointStart < 0) {
            checkpointStart = start;
            checkpointEnd = log.endOffset();
        }
    }

    private void checkpoint(ChannelState state) throws IOException {
        var cursor = state.cursor;
        long page = UnfinishedPage.next(cursor, UnfinishedPage.of(cursor.floor()));
        while (page >= 0) {
            pages.clear();
            UnfinishedPage.write(cursor, page, pages);
            begin(CursorRecord.CHECKPOINT_PAGE).append(pages);
            add(state);
            if (log.pendingBytes() >= BATCH_BYTES) {
                flush();
            }
            page = UnfinishedPage.next(cursor, page + 1);
        }
        writeDeferrals(state, CursorRecord.CHECKPOINT_DEFERRALS, cursor.deferredOffsets());
        begin(CursorRecord.CHECKPOINT)
                .number(cursor.resetCount())
                .number(cursor.floor())
                .number(cursor.next());
        writeProperties(state.properties());
        add(state);
        unwritten.add(state);
        if (log.pendingBytes() >= BATCH_BYTES) {
            flush();
        }
    }

    private void writeProperties(Map<String, String> properties) {
        record.number(properties.size());
        properties.forEach((key, value) -> record.text(key).text(value));
    }

    /// Deletes what stands before a checkpoint, once that is durable.
    private void reclaim() throws IOException {
        if (checkpointStart >= 0 && log.recoveryPoint() >= checkpointEnd) {
            log.deleteSegmentsBelow(checkpointStart);
            checkpointStart = -1;
        }
    }

    // Records

    private ByteWriter begin(int type) {
        return begin(type, 0);
    }

    private ByteWriter begin(int type, int flags) {
        return record.clear().octet(CursorRecord.VERSION).octet(type).octet(flags);
    }

    private void add(ChannelState state) {
        byte[] key = state.name.getBytes(StandardCharsets.UTF_8);
        log.add(now.nowMs(), ByteBuffer.wrap(key), 0, key.length, record.buffer(), 0, record.length());
    }

    private void addOfTopic() {
        log.add(now.nowMs(), NO_KEY, 0, -1, record.buffer(), 0, record.length());
    }

    private void append(ChannelState state) throws IOException {
        if (!state.ephemeral) {
            add(state);
            log.append();
            state.writtenEnd = log.endOffset();
        }
    }

    private ChannelState state(String channel) {
        var state = channels.get(channel);
        if (state == null) {
            throw new IllegalStateException("no channel " + channel);
        }
        return state;
    }

    /// Writes nothing: what is to last was written before.
    @Override
    public void close() throws IOException {
        log.close();
    }
}
