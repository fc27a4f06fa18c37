package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Cursor;
import io.waystation.channel.CursorLog;
import io.waystation.channel.CursorLogSettings;
import io.waystation.channel.DeferredListener;
import io.waystation.channel.LatencyHistogram;
import io.waystation.channel.Moment;
import io.waystation.channel.Owner;
import io.waystation.log.DiskFullException;
import io.waystation.log.LogReader;
import io.waystation.log.PartitionLog;
import io.waystation.wire.Names;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One topic of this broker: its log, its channels, its deferred messages. Opened by any one thread, then confined to
/// its loop.
///
/// ```
///   0        startOffset       distributedEnd       committedEnd
///   |  deleted    |   in the channels   |  in the topic   |  not yet committed
/// ```
///
/// `distributedEnd` follows the log's committed end ([TopicLog]) while the topic has a channel and is not paused;
/// otherwise it stands still
/// and
/// what comes stays in the topic, for the first channel or for the end of the pause.
public final class Topic {
    /// A topic without a publish for so long gives its buffer back.
    private static final long IDLE_MS = 1000;

    /// The property that holds how far a topic without channels, or a paused one, has come.
    static final String DISTRIBUTED_END = "distributedEnd";
    private static final String SETTINGS = "settings";
    static final String EXITING = "exiting";

    /// Begins the cause for refusing a message that is larger than its topic allows.
    public static final String TOO_BIG = "message too big ";

    private static final Logger LOG = LoggerFactory.getLogger(Topic.class);

    private final TopicContext context;
    private final Topics topics;
    private final String name;
    private final Loop loop;
    private final TopicLog log;
    private final TopicDeferred deferred;
    private final CursorLog cursors;
    private final TopicCursors cursorWriter;
    private final EmptiedRanges emptied;
    private final TopicRetention retention;
    private final TopicKeys keys;
    private final NavigableMap<String, Channel> channels = new TreeMap<>();

    private final TopicPublishes publishes;

    private TopicSettings.Declared declared;
    /// Read by any thread; replaced as a whole by the loop.
    private volatile TopicSettings settings;

    private boolean paused;
    private boolean closed;
    private long distributedEnd;
    /// Messages that retention deleted before any channel had them, since the process began.
    private long deletedCount;

    private boolean idleTimerArmed;
    private long lastAppendMs;

    private Topic(TopicContext context, Topics topics, String name, Path directory, Loop loop) throws IOException {
        this.context = context;
        this.topics = topics;
        this.name = name;
        this.loop = loop;
        var settings = context.logSettings(loop);
        var partition = PartitionLog.open(context.files(), directory, settings);
        this.cursors = CursorLog.open(
                context.files(),
                directory.resolve("cursors"),
                partition,
                CursorLogSettings.of(settings),
                new Moment(loop.nowMs(), loop.wallMs()));
        this.emptied = new EmptiedRanges(cursors);
        this.keys = new TopicKeys(context, loop, directory, partition);
        this.log = new TopicLog(context, loop, partition, this::companions, this::onCommitted, this::checkRetention);
        this.deferred = new TopicDeferred(context, loop, directory, log, keys, this::storePublishes);
        this.cursorWriter = new TopicCursors(context, loop, cursors, this::onCursorsWritten);
        this.retention = new TopicRetention(context, loop, log, this::floor, this::onExpired, keys::cover);
        this.declared = TopicSettings.Declared.fromProperty(cursors.topicProperty(SETTINGS));
        this.settings = declared.over(context.defaults().get());
        this.publishes = new TopicPublishes(context, loop, log, deferred, keys, retention);
    }

    /// Opens what is stored of the topic, or begins a new one. Reads files; not for a loop.
    public static Topic open(TopicContext context, Topics topics, String name, Path directory, Loop loop)
            throws IOException {
        var files = new OpeningFiles(context.files());
        try {
            var topic = new Topic(context.withFiles(files), topics, name, directory, loop);
            topic.restore();
            files.succeeded();
            return topic;
        } catch (IOException | RuntimeException failure) {
            files.failed(failure);
            throw failure;
        }
    }

    private void restore() throws IOException {
        report();
        keys.verify(deferred::wasStored);
        if (settings.flush() == TopicSettings.Flush.DISK) {
            flushRecovered();
        }
        paused = cursors.topicPaused();
        long end = log.committedEnd();
        cutNotes(end);
        var stored = cursors.channels();
        boolean held = paused || stored.isEmpty();
        long distributed = Math.clamp(number(DISTRIBUTED_END, log.startOffset()), log.startOffset(), end);
        // A crash may have come between the two notes of an emptying.
        distributedEnd = held ? emptied.endOf(distributed) : end;
        for (var entry : stored.entrySet()) {
            var channelName = entry.getKey();
            var channel = new Channel(
                    this,
                    channelName,
                    entry.getValue(),
                    distributedEnd,
                    cursors.paused(channelName),
                    cursors.settings(channelName),
                    cursors.skipDeferredBeforeMs(channelName));
            deferred.stampFrom(cursors.skipDeferredBeforeMs(channelName));
            channel.passOver(ChannelGap.fromProperty(cursors.property(channelName, ChannelGap.PROPERTY)));
            channels.put(channelName, channel);
        }
        topics.quota().opened(channels.size());
    }

    /// What was not flushed is kept and delivered, so it has to last as well. A disk without room for a
    /// log's first mark leaves that log to the flushes to come.
    private void flushRecovered() throws IOException {
        var tasks = new ArrayList<>(deferred.takeFlushes());
        for (var companion : companions()) {
            Flusher.add(tasks, companion);
        }
        Flusher.add(tasks, log.partition());
        for (var task : tasks) {
            try {
                task.run();
                task.completed();
            } catch (DiskFullException full) {
                context.volume().full(full.getMessage());
            }
        }
    }

    /// A power loss may take offsets that something is noted of. New messages get them, so the notes end where the log
    /// does; were that lost, the next start would take the new messages for those of before.
    private void cutNotes(long end) throws IOException {
        boolean cut = emptied.cut(end);
        if (number(DISTRIBUTED_END, 0) > end) {
            cursors.setTopic(DISTRIBUTED_END, Long.toString(end));
            cut = true;
        }
        if (cut) {
            cursors.log().sync();
        }
    }

    private void storePublishes() {
        publishes.append();
    }

    private List<PartitionLog> companions() {
        var logs = new ArrayList<>(keys.logs());
        logs.addFirst(cursors.log());
        return logs;
    }

    private void report() {
        var recovery = log.partition().recovery();
        if (recovery.cutBytes() > 0) {
            LOG.atWarn()
                    .addKeyValue("topic", name)
                    .addKeyValue("cutBytes", recovery.cutBytes())
                    .addKeyValue("readableBytes", recovery.cutReadableBytes())
                    .log("the end of the log was not whole: cut off");
        }
    }

    private long number(String property, long absent) {
        var text = cursors.topicProperty(property);
        return text == null ? absent : Long.parseLong(text);
    }

    /// Begins to serve: timers run from now on.
    public void start() {
        assert loop.isCurrent();
        applySettings();
        deferred.start();
        channels.values().forEach(Channel::start);
    }

    public String name() {
        return name;
    }

    public Loop loop() {
        return loop;
    }

    public boolean isEphemeral() {
        return Names.isEphemeral(name);
    }

    Topics topics() {
        return topics;
    }

    int shard() {
        return context.shard();
    }

    TopicLog log() {
        return log;
    }

    LatencySettings latencySettings() {
        return context.latency();
    }

    /// Messages that wait in an ephemeral channel at most.
    long ephemeralDepth() {
        return context.ephemeralDepth();
    }

    long distributedEnd() {
        return distributedEnd;
    }

    EmptiedRanges emptied() {
        return emptied;
    }

    public boolean isClosed() {
        return closed;
    }

    // ---- publishing

    /// Takes one message for the present pass's batch; `waiter` hears when it is committed.
    public void publish(ByteBuffer source, int position, int length, PublishWaiter waiter, int ticket) {
        publishes.publish(source, position, length, waiter, ticket);
    }

    /// Takes `count` messages, each behind its size, as one: all are stored or none.
    public void publishBatch(ByteBuffer source, int position, int count, PublishWaiter waiter, int ticket) {
        publishes.publishBatch(source, position, count, waiter, ticket);
    }

    /// The same for messages that nobody gets before a delay has passed; 0: none.
    public void publishBatch(
            long deferMs, ByteBuffer source, int position, int count, PublishWaiter waiter, int ticket) {
        publishes.publishBatch(deferMs, source, position, count, waiter, ticket);
    }

    /// Takes one message with a key, or one that nobody gets before a delay has passed.
    public void publish(
            PublishAttributes attributes,
            ByteBuffer source,
            int position,
            int length,
            PublishWaiter waiter,
            int ticket) {
        publishes.publish(attributes, source, position, length, waiter, ticket);
    }

    /// Takes a message that a channel gave up; see [TopicPublishes#publishDeadLetter].
    void publishDeadLetter(DeadLetter letter, PublishWaiter waiter) {
        publishes.publishDeadLetter(letter, waiter);
    }

    private void onCommitted() {
        if (closed) {
            return;
        }
        distribute();
        retention.arm();
        lastAppendMs = loop.nowMs();
        if (!idleTimerArmed) {
            idleTimerArmed = true;
            loop.schedule(this::onIdleTimer, IDLE_MS);
        }
    }

    private void distribute() {
        if (paused || channels.isEmpty()) {
            return;
        }
        distributedEnd = log.committedEnd();
        for (var channel : channels.values()) {
            channel.onMessages();
        }
    }

    private void onCursorsWritten() {
        log.flush();
        checkRetention();
    }

    private void checkRetention() {
        retention.check();
    }

    /// Every channel is through with what is below it.
    private long floor() {
        long floor = channels.isEmpty() ? distributedEnd : Long.MAX_VALUE;
        for (var channel : channels.values()) {
            floor = Math.min(floor, channel.cursor().floor());
        }
        return floor;
    }

    /// Retention is about to delete what is below the offset: channels that are not through with it lose it.
    private void onExpired(long offset) {
        for (var channel : channels.values()) {
            long dropped = channel.dropBelow(offset);
            if (dropped > 0) {
                LOG.atWarn()
                        .addKeyValue("topic", name)
                        .addKeyValue("channel", channel.name())
                        .addKeyValue("messages", dropped)
                        .addKeyValue("below", offset)
                        .log("retention deletes messages that the channel has not finished");
            }
        }
        if (distributedEnd < offset) {
            deletedCount += offset - distributedEnd;
            LOG.atWarn()
                    .addKeyValue("topic", name)
                    .addKeyValue("messages", offset - distributedEnd)
                    .addKeyValue("below", offset)
                    .log("retention deletes messages that no channel had");
            distributedEnd = offset;
        }
    }

    private void onIdleTimer() {
        long idleMs = loop.nowMs() - lastAppendMs;
        if (closed) {
            return;
        }
        if (idleMs < IDLE_MS) {
            loop.schedule(this::onIdleTimer, IDLE_MS - idleMs);
            return;
        }
        idleTimerArmed = false;
        releaseIdle();
    }

    private void releaseIdle() {
        try {
            log.partition().releaseTail();
            cursors.log().releaseTail();
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
    }

    // ---- channels

    public @Nullable Channel channel(String channelName) {
        assert loop.isCurrent();
        return channels.get(channelName);
    }

    /// The channel of that name, made when there is none: the first one of a topic gets what waits in the topic, later
    /// ones what follows.
    public Channel obtainChannel(String channelName) throws IOException {
        return obtainChannel(channelName, StartFrom.DEFAULT);
    }

    public Channel obtainChannel(String channelName, StartFrom startFrom) throws IOException {
        assert loop.isCurrent();
        var existing = channels.get(channelName);
        if (existing != null) {
            return existing;
        }
        if (closed) {
            throw new IOException(EXITING);
        }
        refuseIfFailed();
        topics.quota().takeChannel(name, channels.size() + 1);
        long floor = switch (startFrom) {
            case DEFAULT -> distributedEnd;
            case EARLIEST -> log.startOffset();
            case LATEST -> paused ? distributedEnd : log.committedEnd();
        };
        Cursor cursor = createCursor(channelName, floor);
        var channel = new Channel(
                this,
                channelName,
                cursor,
                floor,
                false,
                ChannelSettings.DEFAULT,
                cursors.skipDeferredBeforeMs(channelName));
        channels.put(channelName, channel);
        distribute();
        context.listener().onChannelCreated(name, channelName);
        return channel;
    }

    private Cursor createCursor(String channelName, long floor) throws IOException {
        boolean created = false;
        try {
            var cursor = cursors.createChannel(channelName, floor);
            created = true;
            return cursor;
        } finally {
            if (!created) {
                topics.quota().giveChannels(1);
            }
        }
    }

    public boolean deleteChannel(String channelName) throws IOException {
        assert loop.isCurrent();
        var channel = channels.get(channelName);
        if (channel == null) {
            return false;
        }
        refuseIfFailed();
        if (channels.size() == 1) {
            // First: without it the next channel would get, after a restart, what this one had.
            cursors.setTopic(DISTRIBUTED_END, Long.toString(distributedEnd));
        }
        cursors.deleteChannel(channelName);
        channels.remove(channelName);
        topics.quota().giveChannels(1);
        channel.close();
        context.listener().onChannelDeleted(name, channelName);
        if (channels.isEmpty() && isEphemeral()) {
            topics.onUnused(this);
        }
        return true;
    }

    boolean hasChannels() {
        assert loop.isCurrent();
        return !channels.isEmpty();
    }

    void onEphemeralChannelLeft(Channel channel) {
        try {
            deleteChannel(channel.name());
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
    }

    public void emptyChannel(Channel channel) throws IOException {
        refuseIfFailed();
        long mark = deferred.stampMs() + 1;
        cursors.empty(channel.name(), distributedEnd, mark);
        deferred.stampFrom(mark);
        channel.onEmptied(mark);
    }

    /// Other rules for a channel, which last.
    public void setSettings(Channel channel, ChannelSettings changed) throws IOException {
        if (!changed.equals(channel.settings())) {
            refuseIfFailed();
            cursors.setSettings(channel.name(), changed);
            channel.settings(changed);
        }
    }

    /// The channel goes on at the offset as if nothing from there on had been delivered; what is in flight is not any
    /// more, and late answers to it are refused. The offset is one that the log holds, or its end.
    public void seekChannel(Channel channel, long offset) throws IOException {
        assert loop.isCurrent();
        refuseIfFailed();
        if (offset < log.startOffset() || offset > distributedEnd) {
            throw new IllegalArgumentException(
                    "offset: " + offset + " (expected: " + log.startOffset() + ".." + distributedEnd + ")");
        }
        cursors.seek(channel.name(), offset);
        channel.onCursorMoved();
    }

    /// The first offset that is still there.
    public long earliestOffset() {
        return log.startOffset();
    }

    /// Behind the last message that the channels may have.
    public long latestOffset() {
        return distributedEnd;
    }

    /// The first message as young as the time that the channels may have, or their end.
    public long offsetAtOrAfter(long timestampMs) throws IOException {
        return Math.min(log.partition().offsetAtOrAfter(timestampMs), distributedEnd);
    }

    public void pauseChannel(Channel channel, boolean pause) throws IOException {
        refuseIfFailed();
        cursors.setPaused(channel.name(), pause);
        channel.pause(pause);
    }

    /// Nothing is acknowledged on a volume that failed.
    private void refuseIfFailed() throws IOException {
        var failure = context.volume().failure();
        if (failure != null) {
            throw new IOException(failure);
        }
    }

    /// A cursor moved: its state is written within the interval.
    void onCursorChanged() {
        cursorWriter.changed();
    }

    /// Messages went out: how often each did is written within the interval, whether or not one is ever answered.
    void onDelivered() {
        cursorWriter.moved();
    }

    /// Writes one channel's state now; false when the disk does not take it.
    boolean writeCursor(Channel channel) {
        return cursorWriter.write(channel.name());
    }

    /// Whether what was written of a channel's state is as durable as the topic promises; see [TopicLog#awaitDurable].
    boolean isCursorDurable(Channel channel) {
        return !log.isFlushedToDisk() || cursors.isFlushed(channel.name());
    }

    long deferredCount() {
        return deferred.count();
    }

    // ---- the topic as a whole

    public boolean isPaused() {
        return paused;
    }

    /// While paused, what is published stays in the topic.
    public void pause(boolean pause) throws IOException {
        assert loop.isCurrent();
        if (pause == paused) {
            return;
        }
        refuseIfFailed();
        if (pause) {
            cursors.setTopic(DISTRIBUTED_END, Long.toString(distributedEnd));
        }
        cursors.setTopicPaused(pause);
        paused = pause;
        distribute();
    }

    /// Drops what waits in the topic; what the channels have stays.
    public void empty() throws IOException {
        assert loop.isCurrent();
        refuseIfFailed();
        publishes.append();
        long end = log.committedEnd();
        if ((paused || channels.isEmpty()) && distributedEnd < end) {
            emptied.add(distributedEnd, end, log.startOffset(), writtenFloor());
            distributedEnd = end;
            cursors.setTopic(DISTRIBUTED_END, Long.toString(distributedEnd));
        }
        clearDeferred();
    }

    /// Every channel is past what is below it, and will be after a crash.
    private long writtenFloor() {
        for (var channelName : channels.keySet()) {
            if (!cursorWriter.write(channelName)) {
                return log.startOffset();
            }
        }
        return floor();
    }

    /// Messages that wait in the topic for its first channel or the end of its pause.
    long depth() {
        return log.committedEnd() - distributedEnd;
    }

    /// Deferred messages, a page of them; see [io.waystation.channel.DeferredStore#list].
    public @Nullable String listDeferred(@Nullable String afterId, int limit, DeferredListener listener)
            throws IOException {
        assert loop.isCurrent();
        return deferred.list(afterId, limit, listener);
    }

    /// Takes a deferred message back; false when it does not wait.
    public boolean cancelDeferred(String id) throws IOException {
        assert loop.isCurrent();
        refuseIfFailed();
        return deferred.cancel(id);
    }

    /// Takes all deferred messages back; how many.
    public long cancelDeferred() throws IOException {
        assert loop.isCurrent();
        refuseIfFailed();
        long count = deferred.count();
        clearDeferred();
        return count;
    }

    private void clearDeferred() throws IOException {
        deferred.clear();
        channels.values().forEach(channel -> channel.outlet().onDeferredCleared());
    }

    /// Safe from any thread.
    public TopicSettings settings() {
        return settings;
    }

    /// Reads the topic's log from its beginning, whatever the channels have; on the loop, and closed by the caller.
    public LogReader reader() {
        assert loop.isCurrent();
        return log.reader();
    }

    /// Changes what is given, for good.
    public void declare(TopicSettings.Declared changes) throws IOException {
        assert loop.isCurrent();
        var changed = declared.with(changes);
        if (!changed.equals(declared)) {
            refuseIfFailed();
            cursors.setTopic(SETTINGS, changed.toProperty());
            declared = changed;
            applySettings();
        }
    }

    /// Makes what is declared and the broker's defaults effective.
    void applySettings() {
        if (closed) {
            return;
        }
        settings = declared.over(context.defaults().get());
        publishes.maxMessageBytes(settings.maxMessageBytes());
        log.flushToDisk(settings.flush() == TopicSettings.Flush.DISK);
        keys.windowMs(settings.deduplicationWindowMs());
        retention.configure(settings.retention());
        retention.check();
    }

    /// Answers once everything that was asked of the topic so far is as durable as it promises.
    void awaitDurable(PublishWaiter waiter) {
        assert loop.isCurrent();
        publishes.awaitDurable(waiter);
    }

    public @Nullable Owner owner() {
        return cursors.topicOwner();
    }

    public void setOwner(@Nullable Owner owner) throws IOException {
        refuseIfFailed();
        cursors.setTopicOwner(owner);
    }

    public @Nullable Owner owner(Channel channel) {
        return cursors.owner(channel.name());
    }

    public void setOwner(Channel channel, @Nullable Owner owner) throws IOException {
        refuseIfFailed();
        cursors.setOwner(channel.name(), owner);
    }

    public TopicStats stats(boolean withClients) {
        return figures().with(channelStats(null, Integer.MAX_VALUE, withClients));
    }

    /// The figures of the topic without those of its channels.
    TopicStats figures() {
        assert loop.isCurrent();
        long unfinished = depth();
        var latencies = new LatencyHistogram();
        for (var channel : channels.values()) {
            channel.addLatencies(latencies);
            unfinished = Math.max(unfinished, depth() + channel.unfinished());
        }
        return new TopicStats(
                name,
                depth(),
                log.messageCount(),
                log.messageBytes(),
                paused,
                log.partition().sizeBytes(),
                log.partition().segmentCount(),
                log.startOffset(),
                log.committedEnd(),
                deletedCount,
                keys.duplicateCount(),
                keys.evictedCount(),
                deferred.count(),
                unfinished + deferred.count(),
                owner(),
                settings,
                List.of(),
                // As nsqd has it, where a topic has no figures but its channels'.
                channels.isEmpty() ? LatencyStats.NONE : latencySettings().stats(latencies));
    }

    /// The figures of so many channels, by name, behind the named one.
    List<ChannelStats> channelStats(@Nullable String after, int limit, boolean withClients) {
        assert loop.isCurrent();
        var rest = after == null ? channels : channels.tailMap(after, false);
        var stats = new ArrayList<ChannelStats>(Math.min(rest.size(), limit));
        for (var channel : rest.values()) {
            if (stats.size() == limit) {
                break;
            }
            stats.add(stats(channel, withClients));
        }
        return stats;
    }

    public ChannelStats stats(Channel channel, boolean withClients) {
        return ChannelStats.of(channel, owner(channel), withClients);
    }

    public List<String> channelNames() {
        return List.copyOf(channels.keySet());
    }

    /// Writes what is pending, closes consumers and files. The files stay; an ephemeral topic's are removed by whoever
    /// closes it.
    public void close() throws IOException {
        assert loop.isCurrent();
        if (closed) {
            return;
        }
        publishes.append();
        cursorWriter.end();
        keys.close();
        log.close();
        retention.close();
        publishes.close();
        closed = true;
        topics.quota().giveChannels(channels.size());
        for (var channel : channels.values()) {
            channel.close();
        }
        LOG.atDebug().addKeyValue("topic", name).log("topic closed");
        try (var _ = log.partition();
                var _ = cursors) {
            deferred.close();
        }
    }
}
