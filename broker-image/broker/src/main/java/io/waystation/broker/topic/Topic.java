package io.waystation.broker.topic;

import io.waystation.broker.loop.Alarm;
import io.waystation.broker.loop.Loop;
import io.waystation.channel.CursorLog;
import io.waystation.channel.CursorLogSettings;
import io.waystation.channel.DeferredListener;
import io.waystation.channel.Moment;
import io.waystation.channel.Owner;
import io.waystation.log.FileStore;
import io.waystation.log.LogReader;
import io.waystation.log.PartitionLog;
import io.waystation.wire.Names;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One topic of this broker: it joins what its messages pass through, each a class of its own, and holds what was
/// declared of it as a whole. Opened by any one thread, then confined to its loop.
///
/// ```
///   TopicPublishes --> TopicLog, or TopicDeferred until due --> TopicChannels --> Channel
///                         ^ TopicRetention                         ^ TopicCursors
/// ```
public final class Topic {
    /// A topic without a publish for so long gives its buffers back.
    private static final long IDLE_MS = 1000;

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
    private final TopicRetention retention;
    private final TopicKeys keys;
    private final TopicChannels channels;
    private final TopicPublishes publishes;

    private TopicSettings.Declared declared;
    /// Read by any thread; replaced as a whole by the loop.
    private volatile TopicSettings settings;

    private boolean closed;
    /// Rings when the topic was idle for a while; null while it is.
    private @Nullable Alarm idle;

    private Topic(TopicContext context, FileStore files, Topics topics, String name, Path directory, Loop loop)
            throws IOException {
        this.context = context;
        this.topics = topics;
        this.name = name;
        this.loop = loop;
        var settings = context.logSettings(loop);
        var partition = PartitionLog.open(files, directory, settings);
        this.cursors = CursorLog.open(
                files,
                directory.resolve("cursors"),
                partition,
                CursorLogSettings.of(settings),
                new Moment(loop.nowMs(), loop.wallMs()));
        this.keys = new TopicKeys(context, files, loop, directory, partition);
        this.log = new TopicLog(context, loop, partition, this::companions, this::onCommitted, this::checkRetention);
        this.deferred = new TopicDeferred(
                context, files, loop, directory, log, keys, this::storePublishes, this::checkRetention);
        this.channels = new TopicChannels(context, this, log, cursors);
        this.cursorWriter = new TopicCursors(context, loop, cursors, this::onCursorsWritten);
        this.retention = new TopicRetention(context, loop, log, channels, keys, deferred);
        this.declared = TopicSettings.Declared.fromProperty(cursors.topicProperty(SETTINGS));
        this.settings = declared.over(context.defaults().get());
        this.publishes = new TopicPublishes(context, loop, log, deferred, keys, retention);
    }

    /// Opens what is stored of the topic, or begins a new one. Reads files; not for a loop.
    public static Topic open(TopicContext context, Topics topics, String name, Path directory, Loop loop)
            throws IOException {
        var files = new OpeningFiles(context.files());
        try {
            var topic = new Topic(context, files, topics, name, directory, loop);
            topic.restore();
            files.succeeded();
            return topic;
        } catch (IOException | RuntimeException failure) {
            files.failed(failure);
            throw failure;
        }
    }

    private void restore() throws IOException {
        var recovery = new TopicRecovery(context, name, log.partition());
        recovery.report();
        keys.verify(deferred::wasStored);
        if (settings.flush() == TopicSettings.Flush.DISK) {
            recovery.flush(deferred.takeFlushes(), companions());
        }
        channels.restore();
    }

    private void storePublishes() {
        publishes.append();
    }

    private List<PartitionLog> companions() {
        var logs = new ArrayList<>(keys.logs());
        logs.addFirst(cursors.log());
        return logs;
    }

    /// Begins to serve: timers run from now on.
    public void start() {
        assert loop.isCurrent();
        applySettings();
        deferred.start();
        channels.start();
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

    TopicDeferred deferred() {
        return deferred;
    }

    TopicKeys keys() {
        return keys;
    }

    TopicChannels channels() {
        return channels;
    }

    CursorLog cursors() {
        return cursors;
    }

    TopicCursors cursorWriter() {
        return cursorWriter;
    }

    LatencySettings latencySettings() {
        return context.latency();
    }

    /// Messages that wait in an ephemeral channel at most.
    long ephemeralDepth() {
        return context.ephemeralDepth();
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
        channels.distribute();
        retention.arm();
        if (idle == null) {
            idle = new Alarm(loop, this::onIdle);
        }
        idle.set(loop.nowMs() + IDLE_MS);
    }

    private void onCursorsWritten() {
        log.flush();
        checkRetention();
    }

    private void checkRetention() {
        retention.check();
    }

    private void onIdle() {
        idle = null;
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

    public List<String> channelNames() {
        return channels.names();
    }

    boolean hasChannels() {
        assert loop.isCurrent();
        return !channels.isEmpty();
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
        return channels.create(channelName, startFrom);
    }

    public boolean deleteChannel(String channelName) throws IOException {
        assert loop.isCurrent();
        var channel = channels.get(channelName);
        if (channel == null) {
            return false;
        }
        refuseIfFailed();
        channels.delete(channel);
        return true;
    }

    /// The first offset that is still there.
    public long earliestOffset() {
        return log.startOffset();
    }

    /// Behind the last message that the channels may have.
    public long latestOffset() {
        return channels.distributedEnd();
    }

    /// The first message as young as the time that the channels may have, or their end.
    public long offsetAtOrAfter(long timestampMs) throws IOException {
        return Math.min(log.partition().offsetAtOrAfter(timestampMs), latestOffset());
    }

    /// Nothing is acknowledged on a volume that failed.
    void refuseIfFailed() throws IOException {
        var failure = context.volume().failure();
        if (failure != null) {
            throw new IOException(failure);
        }
    }

    // ---- the topic as a whole

    public boolean isPaused() {
        return channels.isPaused();
    }

    /// While paused, what is published stays in the topic.
    public void pause(boolean pause) throws IOException {
        assert loop.isCurrent();
        if (pause != channels.isPaused()) {
            refuseIfFailed();
            channels.pause(pause);
        }
    }

    /// Drops what waits in the topic; what the channels have stays.
    public void empty() throws IOException {
        assert loop.isCurrent();
        refuseIfFailed();
        publishes.append();
        channels.dropHeld();
        clearDeferred();
    }

    /// Stores what this pass has brought so far; how many messages are stored and not committed, of which
    /// their producers may yet be told that they are.
    public long uncommitted() {
        assert loop.isCurrent();
        publishes.append();
        return log.partition().endOffset() - log.committedEnd();
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
        channels.onDeferredCleared();
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

    public TopicStats stats(boolean withClients) {
        assert loop.isCurrent();
        return TopicStats.of(this).with(channelStats(null, Integer.MAX_VALUE, withClients));
    }

    /// The figures of so many channels, by name, behind the named one.
    List<ChannelStats> channelStats(@Nullable String after, int limit, boolean withClients) {
        assert loop.isCurrent();
        return channels.page(after, limit).stream()
                .map(channel -> stats(channel, withClients))
                .toList();
    }

    public ChannelStats stats(Channel channel, boolean withClients) {
        return ChannelStats.of(channel, withClients);
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
        if (idle != null) {
            idle.end();
        }
        closed = true;
        channels.close();
        LOG.atDebug().addKeyValue("topic", name).log("topic closed");
        try (var _ = log.partition();
                var _ = cursors) {
            deferred.close();
        }
    }
}
