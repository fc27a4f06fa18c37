package io.waystation.broker.topic;

import io.waystation.channel.Cursor;
import io.waystation.channel.CursorLog;
import io.waystation.log.DiskFullException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The channels of a topic, and which of its messages they may have. Confined to the topic's loop.
///
/// ```
///   0        startOffset       distributedEnd       committedEnd
///   |  deleted    |   in the channels   |  in the topic   |  not yet committed
/// ```
///
/// `distributedEnd` follows the log's committed end ([TopicLog]) while the topic has a channel and is not paused;
/// otherwise it stands still and what comes stays in the topic, for the first channel or for the end of the pause.
final class TopicChannels {
    /// The property that holds how far a topic without channels, or a paused one, has come.
    static final String DISTRIBUTED_END = "distributedEnd";

    private static final Logger LOG = LoggerFactory.getLogger(TopicChannels.class);

    private final TopicContext context;
    private final Topic topic;
    private final TopicLog log;
    private final CursorLog cursors;
    private final EmptiedRanges emptied;
    private final NavigableMap<String, Channel> channels = new TreeMap<>();

    private boolean paused;
    private long distributedEnd;
    /// Messages that retention deleted before any channel had them, since the process began.
    private long deletedCount;

    TopicChannels(TopicContext context, Topic topic, TopicLog log, CursorLog cursors) {
        this.context = context;
        this.topic = topic;
        this.log = log;
        this.cursors = cursors;
        this.emptied = new EmptiedRanges(cursors);
    }

    /// Takes up what is stored.
    void restore() throws IOException {
        paused = cursors.topicPaused();
        long end = log.committedEnd();
        cutNotes(end);
        var stored = cursors.channels();
        long distributed = Math.clamp(noted(log.startOffset()), log.startOffset(), end);
        // A crash may have come between the two notes of an emptying.
        distributedEnd = paused || stored.isEmpty() ? emptied.endOf(distributed) : end;
        for (var entry : stored.entrySet()) {
            add(entry.getKey(), entry.getValue(), distributedEnd);
        }
        topic.topics().quota().opened(channels.size());
    }

    /// A power loss may take offsets that something is noted of. New messages get them, so the notes end where the log
    /// does; were that lost, the next start would take the new messages for those of before.
    private void cutNotes(long end) throws IOException {
        boolean cut = emptied.cut(end);
        if (noted(0) > end) {
            cursors.setTopic(DISTRIBUTED_END, Long.toString(end));
            cut = true;
        }
        if (cut) {
            cursors.log().sync();
        }
    }

    private long noted(long absent) {
        var text = cursors.topicProperty(DISTRIBUTED_END);
        return text == null ? absent : Long.parseLong(text);
    }

    private void note() throws IOException {
        cursors.setTopic(DISTRIBUTED_END, Long.toString(distributedEnd));
    }

    private Channel add(String name, Cursor cursor, long countedFrom) throws IOException {
        var channel = new Channel(topic, name, cursor, countedFrom);
        topic.deferred().stampFrom(channel.skipDeferredBeforeMs());
        channels.put(name, channel);
        return channel;
    }

    /// Timers run from now on.
    void start() {
        channels.values().forEach(Channel::start);
    }

    long distributedEnd() {
        return distributedEnd;
    }

    /// What was dropped before any channel had it.
    EmptiedRanges emptied() {
        return emptied;
    }

    boolean isPaused() {
        return paused;
    }

    boolean isEmpty() {
        return channels.isEmpty();
    }

    /// Messages that wait in the topic for its first channel or the end of its pause.
    long depth() {
        return log.committedEnd() - distributedEnd;
    }

    long deletedCount() {
        return deletedCount;
    }

    // ---- by name

    @Nullable Channel get(String name) {
        return channels.get(name);
    }

    List<String> names() {
        return List.copyOf(channels.keySet());
    }

    Iterable<Channel> all() {
        return channels.values();
    }

    /// So many channels, by name, behind the named one.
    List<Channel> page(@Nullable String after, int limit) {
        var rest = after == null ? channels : channels.tailMap(after, false);
        var page = new ArrayList<Channel>(Math.min(rest.size(), limit));
        for (var channel : rest.values()) {
            if (page.size() == limit) {
                break;
            }
            page.add(channel);
        }
        return page;
    }

    Channel create(String name, StartFrom startFrom) throws IOException {
        topic.topics().quota().takeChannel(topic.name(), channels.size() + 1);
        long floor = switch (startFrom) {
            case DEFAULT -> distributedEnd;
            case EARLIEST -> log.startOffset();
            case LATEST -> paused ? distributedEnd : log.committedEnd();
        };
        var channel = add(name, createCursor(name, floor), floor);
        distribute();
        context.listener().onChannelCreated(topic.name(), name);
        return channel;
    }

    private Cursor createCursor(String name, long floor) throws IOException {
        boolean created = false;
        try {
            var cursor = cursors.createChannel(name, floor);
            created = true;
            return cursor;
        } finally {
            if (!created) {
                topic.topics().quota().giveChannels(1);
            }
        }
    }

    void delete(Channel channel) throws IOException {
        if (channels.size() == 1) {
            // First: without it the next channel would get, after a restart, what this one had.
            note();
        }
        cursors.deleteChannel(channel.name());
        channels.remove(channel.name());
        topic.topics().quota().giveChannels(1);
        channel.close();
        context.listener().onChannelDeleted(topic.name(), channel.name());
        if (channels.isEmpty() && topic.isEphemeral()) {
            topic.topics().onUnused(topic);
        }
    }

    /// Its last consumer is gone. Without room to note that, the channel stays until the next one is.
    void onEphemeralLeft(Channel channel) {
        try {
            topic.deleteChannel(channel.name());
        } catch (DiskFullException full) {
            context.volume().full(full.getMessage());
            LOG.atWarn()
                    .addKeyValue("topic", topic.name())
                    .addKeyValue("channel", channel.name())
                    .addKeyValue("cause", full.getMessage())
                    .log("ephemeral channel stays without consumers");
        } catch (IOException failure) {
            context.volume().fail(failure);
        }
    }

    // ---- messages

    /// The log's committed end moved, or who may have its messages changed.
    void distribute() {
        if (isHeld()) {
            return;
        }
        distributedEnd = log.committedEnd();
        for (var channel : channels.values()) {
            channel.onMessages();
        }
    }

    private boolean isHeld() {
        return paused || channels.isEmpty();
    }

    void pause(boolean pause) throws IOException {
        if (pause) {
            note();
        }
        cursors.setTopicPaused(pause);
        paused = pause;
        distribute();
    }

    /// Drops what no channel has.
    void dropHeld() throws IOException {
        long end = log.committedEnd();
        if (isHeld() && distributedEnd < end) {
            emptied.add(distributedEnd, end, log.startOffset(), writtenFloor());
            distributedEnd = end;
            note();
        }
    }

    /// Every channel is past what is below it, and will be after a crash.
    private long writtenFloor() {
        for (var name : channels.keySet()) {
            if (!topic.cursorWriter().write(name)) {
                return log.startOffset();
            }
        }
        return floor();
    }

    void onDeferredCleared() {
        channels.values().forEach(Channel::onDeferredCleared);
    }

    /// Every channel is through with what is below it.
    long floor() {
        long floor = channels.isEmpty() ? distributedEnd : Long.MAX_VALUE;
        for (var channel : channels.values()) {
            floor = Math.min(floor, channel.cursor().floor());
        }
        return floor;
    }

    /// Retention is about to delete what is below the offset: channels that are not through with it lose it.
    void onExpired(long offset) {
        for (var channel : channels.values()) {
            long dropped = channel.dropBelow(offset);
            if (dropped > 0) {
                LOG.atWarn()
                        .addKeyValue("topic", topic.name())
                        .addKeyValue("channel", channel.name())
                        .addKeyValue("messages", dropped)
                        .addKeyValue("below", offset)
                        .log("retention deletes messages that the channel has not finished");
            }
        }
        if (distributedEnd < offset) {
            deletedCount += offset - distributedEnd;
            LOG.atWarn()
                    .addKeyValue("topic", topic.name())
                    .addKeyValue("messages", offset - distributedEnd)
                    .addKeyValue("below", offset)
                    .log("retention deletes messages that no channel had");
            distributedEnd = offset;
        }
    }

    void close() {
        topic.topics().quota().giveChannels(channels.size());
        channels.values().forEach(Channel::close);
    }
}
