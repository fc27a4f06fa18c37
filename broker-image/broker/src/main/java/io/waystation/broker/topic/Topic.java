package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.loop.Phase;
import io.waystation.broker.loop.Work;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Cursor;
import io.waystation.channel.CursorLog;
import io.waystation.channel.CursorLogSettings;
import io.waystation.channel.DeferredStore;
import io.waystation.channel.Owner;
import io.waystation.log.DiskFullException;
import io.waystation.log.LogFailedException;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import io.waystation.log.RecordHeaders;
import io.waystation.wire.Names;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One topic of this broker: its log, its channels, its deferred messages. Opened by any one thread, then confined to
/// its loop.
///
/// Publishes gather in the log's open batch and in `waiters`; the end of the pass writes the batch and answers them.
///
/// ```
///   0        startOffset       distributedEnd        endOffset
///   |  deleted    |   in the channels   |  in the topic   |  open batch (not yet stored)
/// ```
///
/// `distributedEnd` follows the log's end while the topic has a channel and is not paused; otherwise it stands still
/// and
/// what comes stays in the topic, for the first channel or for the end of the pause.
public final class Topic {
    /// An open batch is written at this size even in the middle of a pass.
    private static final int MAX_BATCH_BYTES = 256 * 1024;
    /// How long a cursor's changes may wait before they are written: what a crash delivers twice.
    private static final long CURSOR_INTERVAL_MS = 200;
    /// Finishes after which a cursor's changes are written without waiting for the interval.
    private static final int CURSOR_CHANGES = 4096;
    /// A topic without a publish for so long gives its buffer back.
    private static final long IDLE_MS = 1000;
    /// Deferred messages wait for wall time; the clock is looked at again at least this often, in case it stepped.
    private static final long MAX_DEFERRED_WAIT_MS = 1000;

    private static final String DISTRIBUTED_END = "distributedEnd";
    private static final String EMPTIED_FROM = "emptiedFrom";
    private static final String EMPTIED_TO = "emptiedTo";
    private static final String EXITING = "exiting";

    private static final Logger LOG = LoggerFactory.getLogger(Topic.class);

    private final TopicContext context;
    private final Topics topics;
    private final String name;
    private final Path directory;
    private final Loop loop;
    private final LogSettings settings;
    private final PartitionLog log;
    private final CursorLog cursors;
    private @Nullable DeferredStore deferred;
    private final Map<String, Channel> channels = new TreeMap<>();

    private final Waiters waiters = new Waiters();
    private final Waiters deferredWaiters = new Waiters();
    private final Work append;
    private final Work writeCursors;
    private final Sealer sealer;
    private final Sealer cursorSealer;

    private boolean paused;
    private boolean closed;
    private long distributedEnd;
    /// Offsets `[emptiedFrom, emptiedTo)` were dropped from the paused topic before any channel had them.
    private long emptiedFrom;
    private long emptiedTo;

    private boolean idleTimerArmed;
    private long lastAppendMs;
    private boolean cursorTimerArmed;
    private int cursorChanges;
    private long deferredTimerDueMs = Long.MAX_VALUE;
    private long lastDeferredStampMs;

    private long messageCount;
    private long messageBytes;

    private Topic(TopicContext context, Topics topics, String name, Path directory, Loop loop) throws IOException {
        this.context = context;
        this.topics = topics;
        this.name = name;
        this.directory = directory;
        this.loop = loop;
        this.settings = context.logSettings(loop);
        this.log = PartitionLog.open(context.files(), directory, settings);
        this.cursors = CursorLog.open(
                context.files(), directory.resolve("cursors"), log, CursorLogSettings.of(settings), loop.nowMs());
        this.append = loop.work(Phase.APPEND, this::append);
        this.writeCursors = loop.work(Phase.FLUSH, () -> writeCursors(false));
        this.sealer = new Sealer(context, loop, log, this::deleteConsumed);
        this.cursorSealer = new Sealer(context, loop, cursors.log(), () -> {});
    }

    /// Opens what is stored of the topic, or begins a new one. Reads files; not for a loop.
    static Topic open(TopicContext context, Topics topics, String name, Path directory, Loop loop) throws IOException {
        var topic = new Topic(context, topics, name, directory, loop);
        topic.restore();
        return topic;
    }

    private void restore() throws IOException {
        paused = cursors.topicPaused();
        emptiedFrom = number(EMPTIED_FROM, 0);
        emptiedTo = number(EMPTIED_TO, 0);
        boolean held = paused || cursors.channels().isEmpty();
        distributedEnd = held ? number(DISTRIBUTED_END, log.startOffset()) : log.endOffset();
        for (var entry : cursors.channels().entrySet()) {
            var channelName = entry.getKey();
            var channel = new Channel(
                    this,
                    channelName,
                    entry.getValue(),
                    distributedEnd,
                    cursors.paused(channelName),
                    cursors.settings(channelName),
                    cursors.skipDeferredBeforeMs(channelName));
            channels.put(channelName, channel);
        }
        var store = deferredDirectory();
        if (context.files().exists(store)) {
            deferred = DeferredStore.open(context.files(), store, log, settings, loop.wallMs());
        }
    }

    private long number(String property, long absent) {
        var text = cursors.topicProperty(property);
        return text == null ? absent : Long.parseLong(text);
    }

    private Path deferredDirectory() {
        return directory.resolve("deferred");
    }

    /// Begins to serve: timers run from now on.
    void start() {
        assert loop.isCurrent();
        armDeferredTimer();
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

    Path directory() {
        return directory;
    }

    Topics topics() {
        return topics;
    }

    int shard() {
        return context.shard();
    }

    PartitionLog log() {
        return log;
    }

    long distributedEnd() {
        return distributedEnd;
    }

    boolean isEmptied(long offset) {
        return offset < emptiedTo && offset >= emptiedFrom;
    }

    public boolean isClosed() {
        return closed;
    }

    // ---- publishing

    /// Takes one message for the present pass's batch; `waiter` hears at the end of the pass.
    public void publish(ByteBuffer source, int position, int length, PublishWaiter waiter, int ticket) {
        if (refused(waiter, ticket)) {
            return;
        }
        take(source, position, length);
        waiters.add(waiter, ticket);
        written();
    }

    /// Takes `count` messages, each behind its size, as one: all are stored or none.
    public void publishBatch(ByteBuffer source, int position, int count, PublishWaiter waiter, int ticket) {
        if (refused(waiter, ticket)) {
            return;
        }
        int at = position;
        for (int i = 0; i < count; i++) {
            int length = source.getInt(at);
            take(source, at + Integer.BYTES, length);
            at += Integer.BYTES + length;
        }
        waiters.add(waiter, ticket);
        written();
    }

    /// Takes one message with a key, or one that nobody gets before a delay has passed.
    public void publish(
            PublishAttributes attributes,
            ByteBuffer source,
            int position,
            int length,
            PublishWaiter waiter,
            int ticket) {
        if (attributes.deferMs() > 0) {
            publishDeferred(attributes, source, position, length, waiter, ticket);
            return;
        }
        var key = attributes.key();
        if (key == null) {
            publish(source, position, length, waiter, ticket);
            return;
        }
        if (refused(waiter, ticket)) {
            return;
        }
        log.add(loop.wallMs(), ByteBuffer.wrap(key), 0, key.length, source, position, length);
        messageCount++;
        messageBytes += length;
        waiters.add(waiter, ticket);
        written();
    }

    private void publishDeferred(
            PublishAttributes attributes,
            ByteBuffer source,
            int position,
            int length,
            PublishWaiter waiter,
            int ticket) {
        if (refused(waiter, ticket)) {
            return;
        }
        try {
            deferredStore()
                    .add(
                            loop.wallMs() + attributes.deferMs(),
                            deferredStampMs(),
                            attributes.key(),
                            RecordHeaders.NONE,
                            source,
                            position,
                            length);
        } catch (IOException failure) {
            context.volume().fail(failure);
            waiter.onPublishFailed(ticket, String.valueOf(failure.getMessage()));
            return;
        }
        messageCount++;
        messageBytes += length;
        deferredWaiters.add(waiter, ticket);
        append.request();
    }

    /// Takes a message that a channel gave up, the whole of both buffers; also while the broker is cordoned.
    void publishDeadLetter(@Nullable ByteBuffer key, RecordHeaders headers, ByteBuffer body, PublishWaiter waiter) {
        if (refused(waiter, 0, context.volume().storageRefusal())) {
            return;
        }
        int length = body.capacity();
        log.add(
                loop.wallMs(),
                key == null ? body : key,
                0,
                key == null ? -1 : key.capacity(),
                body,
                0,
                length,
                headers);
        messageCount++;
        messageBytes += length;
        waiters.add(waiter, 0);
        written();
    }

    private boolean refused(PublishWaiter waiter, int ticket) {
        return refused(waiter, ticket, context.volume().refusal());
    }

    private boolean refused(PublishWaiter waiter, int ticket, @Nullable String refusal) {
        assert loop.isCurrent();
        var cause = closed ? EXITING : refusal;
        if (cause == null) {
            return false;
        }
        waiter.onPublishFailed(ticket, cause);
        return true;
    }

    private void take(ByteBuffer source, int position, int length) {
        log.add(loop.wallMs(), source, position, length);
        messageCount++;
        messageBytes += length;
    }

    private void written() {
        if (log.pendingBytes() >= MAX_BATCH_BYTES) {
            appendLog();
        } else {
            append.request();
        }
    }

    private void append() {
        if (closed) {
            waiters.failed(EXITING);
            deferredWaiters.failed(EXITING);
            return;
        }
        appendLog();
        appendDeferred();
    }

    private void appendLog() {
        if (log.pendingCount() == 0) {
            return;
        }
        try {
            log.append();
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            waiters.failed(String.valueOf(full.getMessage()));
            return;
        } catch (LogFailedException failure) {
            context.volume().fail(failure);
            waiters.failed(String.valueOf(failure.getMessage()));
            return;
        }
        waiters.stored();
        onAppended();
    }

    private void onAppended() {
        distribute();
        sealer.sealRolled();
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
        distributedEnd = log.endOffset();
        for (var channel : channels.values()) {
            channel.onMessages();
        }
    }

    /// Deletes the segments that every channel is past: NSQ's contract.
    private void deleteConsumed() {
        if (closed) {
            return;
        }
        long floor = channels.isEmpty() ? distributedEnd : Long.MAX_VALUE;
        for (var channel : channels.values()) {
            floor = Math.min(floor, channel.cursor().floor());
        }
        try {
            log.deleteSegmentsBelow(floor);
        } catch (IOException failure) {
            context.volume().fail(failure);
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
        if (log.pendingCount() == 0) {
            releaseIdle();
        }
    }

    private void releaseIdle() {
        try {
            log.releaseTail();
            cursors.log().releaseTail();
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
    }

    // ---- deferred messages

    private DeferredStore deferredStore() throws IOException {
        var store = deferred;
        if (store == null) {
            store = DeferredStore.open(context.files(), deferredDirectory(), log, settings, loop.wallMs());
            deferred = store;
        }
        return store;
    }

    /// The time that a deferred message bears: one published after a channel was emptied is never taken for one from
    /// before, whatever the clock does while the process runs.
    private long deferredStampMs() {
        lastDeferredStampMs = Math.max(loop.wallMs(), lastDeferredStampMs);
        return lastDeferredStampMs;
    }

    private void appendDeferred() {
        var store = deferred;
        if (store == null || deferredWaiters.isEmpty()) {
            return;
        }
        try {
            store.append();
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            deferredWaiters.failed(String.valueOf(full.getMessage()));
            return;
        } catch (IOException failure) {
            context.volume().fail(failure);
            deferredWaiters.failed(String.valueOf(failure.getMessage()));
            return;
        }
        deferredWaiters.stored();
        armDeferredTimer();
    }

    private void armDeferredTimer() {
        var store = deferred;
        if (store == null) {
            return;
        }
        long dueMs = store.nextDueMs();
        if (dueMs < deferredTimerDueMs) {
            deferredTimerDueMs = dueMs;
            long waitMs = Math.clamp(dueMs - loop.wallMs(), 1, MAX_DEFERRED_WAIT_MS);
            loop.schedule(() -> onDeferredTimer(dueMs), waitMs);
        }
    }

    private void onDeferredTimer(long armedForMs) {
        var store = deferred;
        if (closed || store == null || armedForMs != deferredTimerDueMs) {
            return;
        }
        deferredTimerDueMs = Long.MAX_VALUE;
        appendLog();
        try {
            if (store.fire(loop.wallMs()) > 0) {
                onAppended();
            }
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            deferredTimerDueMs = armedForMs;
            loop.schedule(() -> onDeferredTimer(armedForMs), MAX_DEFERRED_WAIT_MS);
            return;
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
        armDeferredTimer();
    }

    long deferredCount() {
        var store = deferred;
        return store == null ? 0 : store.count();
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
        long floor = switch (startFrom) {
            case DEFAULT -> distributedEnd;
            case EARLIEST -> log.startOffset();
            case LATEST -> log.endOffset();
        };
        Cursor cursor = cursors.createChannel(channelName, floor);
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

    public boolean deleteChannel(String channelName) throws IOException {
        assert loop.isCurrent();
        var channel = channels.get(channelName);
        if (channel == null) {
            return false;
        }
        cursors.deleteChannel(channelName);
        channels.remove(channelName);
        channel.close();
        if (channels.isEmpty()) {
            cursors.setTopic(DISTRIBUTED_END, Long.toString(distributedEnd));
        }
        context.listener().onChannelDeleted(name, channelName);
        return true;
    }

    void onEphemeralChannelLeft(Channel channel) {
        try {
            deleteChannel(channel.name());
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
    }

    public void emptyChannel(Channel channel) throws IOException {
        long mark = deferredStampMs() + 1;
        cursors.empty(channel.name(), distributedEnd, mark);
        lastDeferredStampMs = mark;
        channel.onEmptied(mark);
    }

    /// Other rules for a channel, which last.
    public void setSettings(Channel channel, ChannelSettings settings) throws IOException {
        if (!settings.equals(channel.settings())) {
            cursors.setSettings(channel.name(), settings);
            channel.settings(settings);
        }
    }

    public void pauseChannel(Channel channel, boolean pause) throws IOException {
        cursors.setPaused(channel.name(), pause);
        channel.pause(pause);
    }

    /// A cursor moved: its state is written within the interval.
    void onCursorChanged() {
        cursorChanges++;
        if (cursorChanges >= CURSOR_CHANGES) {
            writeCursors.request();
        } else if (!cursorTimerArmed) {
            cursorTimerArmed = true;
            loop.schedule(this::onCursorTimer, CURSOR_INTERVAL_MS);
        }
    }

    private void onCursorTimer() {
        cursorTimerArmed = false;
        writeCursors(false);
    }

    /// Writes one channel's state now; false when the disk does not take it.
    boolean writeCursor(Channel channel) {
        try {
            cursors.writeDelta(channel.name(), loop.nowMs());
            cursorSealer.sealRolled();
            return true;
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
        return false;
    }

    private void writeCursors(boolean all) {
        if (closed) {
            return;
        }
        cursorChanges = 0;
        try {
            cursors.writeDeltas(loop.nowMs(), all);
            cursorSealer.sealRolled();
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
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
        appendLog();
        if (deferred != null) {
            deferred.clear();
            channels.values().forEach(channel -> channel.outlet().onDeferredCleared());
        }
        if (channels.isEmpty()) {
            distributedEnd = log.endOffset();
            cursors.setTopic(DISTRIBUTED_END, Long.toString(distributedEnd));
        } else if (paused && distributedEnd < log.endOffset()) {
            if (emptiedTo < distributedEnd) {
                emptiedFrom = distributedEnd;
            }
            emptiedTo = log.endOffset();
            cursors.setTopic(EMPTIED_FROM, Long.toString(emptiedFrom));
            cursors.setTopic(EMPTIED_TO, Long.toString(emptiedTo));
            distributedEnd = emptiedTo;
            cursors.setTopic(DISTRIBUTED_END, Long.toString(distributedEnd));
        }
    }

    /// Messages that wait in the topic for its first channel or the end of its pause.
    long depth() {
        return log.endOffset() - distributedEnd;
    }

    public @Nullable Owner owner() {
        return cursors.topicOwner();
    }

    public void setOwner(@Nullable Owner owner) throws IOException {
        cursors.setTopicOwner(owner);
    }

    public @Nullable Owner owner(Channel channel) {
        return cursors.owner(channel.name());
    }

    public void setOwner(Channel channel, @Nullable Owner owner) throws IOException {
        cursors.setOwner(channel.name(), owner);
    }

    public TopicStats stats(boolean withClients) {
        assert loop.isCurrent();
        var channelStats = new ArrayList<ChannelStats>(channels.size());
        long unfinished = depth();
        for (var channel : channels.values()) {
            var stats = stats(channel, withClients);
            channelStats.add(stats);
            unfinished = Math.max(unfinished, depth() + stats.unfinished());
        }
        return new TopicStats(
                name,
                depth(),
                messageCount,
                messageBytes,
                paused,
                log.sizeBytes(),
                log.startOffset(),
                log.endOffset(),
                deferredCount(),
                unfinished + deferredCount(),
                owner(),
                channelStats);
    }

    public ChannelStats stats(Channel channel, boolean withClients) {
        var clients = new ArrayList<ClientStats>();
        if (withClients) {
            for (var consumer : channel.consumers()) {
                clients.add(consumer.output().stats(consumer));
            }
            clients.sort(Comparator.comparing(ClientStats::remoteAddress));
        }
        var cursor = channel.cursor();
        return new ChannelStats(
                channel.name(),
                channel.depth(),
                cursor.inFlightCount(),
                channel.deferredCount(),
                channel.messageCount(),
                channel.requeueCount(),
                channel.timeoutCount(),
                channel.outlet().expiredCount(),
                channel.outlet().deadLetterCount(),
                channel.outlet().droppedCount(),
                channel.settings(),
                channel.stall(),
                channel.isPaused(),
                cursor.floor(),
                cursor.next(),
                channel.unfinished(),
                owner(channel),
                channel.consumers().size(),
                clients);
    }

    public List<String> channelNames() {
        return List.copyOf(channels.keySet());
    }

    /// Writes what is pending, closes consumers and files. The files stay; an ephemeral topic's are removed by whoever
    /// closes it.
    void close() throws IOException {
        assert loop.isCurrent();
        if (closed) {
            return;
        }
        append();
        writeCursors(true);
        closed = true;
        for (var channel : channels.values()) {
            channel.close();
        }
        LOG.atDebug().addKeyValue("topic", name).log("topic closed");
        try (log;
                cursors) {
            if (deferred != null) {
                deferred.close();
            }
        }
    }
}
