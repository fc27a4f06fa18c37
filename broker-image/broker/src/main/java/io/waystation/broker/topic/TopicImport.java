package io.waystation.broker.topic;

import io.waystation.channel.CursorLog;
import io.waystation.channel.CursorLogSettings;
import io.waystation.channel.Moment;
import io.waystation.log.FileStore;
import io.waystation.log.LogSettings;
import io.waystation.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A topic written at once, before anybody serves it: first the messages that single channels are to get, channel by
/// channel, then those of the topic. Confined to one thread.
///
/// ```
///   0                                importedEnd         endOffset
///   | of channel a | of channel b | … |  of the topic, for all  |
///                  |<- gap of a ----->|
///   |------------------------------|  a begins here: |, b there: |
/// ```
///
/// A channel begins at its own messages and passes over those of the channels behind it ([ChannelGap]).
public final class TopicImport implements AutoCloseable {
    private static final int BATCH_BYTES = 256 * 1024;
    /// Nothing depends on the time at which something is imported.
    private static final Moment START = new Moment(0, 0);

    private record Part(String channel, boolean paused, long from, long to) {}

    private final FileStore files;
    private final Path directory;
    private final PartitionLog log;
    private final CursorLog cursors;
    private final List<Part> parts = new ArrayList<>();
    private long partFrom;

    /// Begins a topic in a directory that has none.
    public TopicImport(FileStore files, Path directory, LogSettings settings) throws IOException {
        this.files = files;
        this.directory = directory;
        files.createDirectories(directory);
        log = PartitionLog.open(files, directory, settings);
        cursors = CursorLog.open(files, directory.resolve("cursors"), log, CursorLogSettings.of(settings), START);
    }

    public void add(long timestampMs, ByteBuffer source, int position, int length) throws IOException {
        log.add(timestampMs, source, position, length);
        if (log.pendingBytes() >= BATCH_BYTES) {
            log.append();
            seal();
        }
    }

    private void seal() throws IOException {
        for (var full : log.takeSeals()) {
            full.run();
            log.onSealed(full);
        }
    }

    /// What was added since the last channel is this one's alone.
    public void endChannel(String name, boolean paused) throws IOException {
        log.append();
        parts.add(new Part(name, paused, partFrom, log.endOffset()));
        partFrom = log.endOffset();
    }

    /// What was added since the last channel is the topic's, and all of it durable when this returns; how many
    /// messages the topic has.
    public long end(boolean paused) throws IOException {
        log.append();
        for (var part : parts) {
            channel(part);
        }
        if (paused || parts.isEmpty()) {
            cursors.setTopic(TopicChannels.DISTRIBUTED_END, Long.toString(partFrom));
        }
        if (paused) {
            cursors.setTopicPaused(true);
        }
        log.sync();
        cursors.log().sync();
        files.syncDirectory(directory);
        return log.endOffset();
    }

    private void channel(Part part) throws IOException {
        boolean hasOwn = part.from() < part.to();
        cursors.createChannel(part.channel(), hasOwn ? part.from() : partFrom);
        if (part.paused()) {
            cursors.setPaused(part.channel(), true);
        }
        if (hasOwn && part.to() < partFrom) {
            cursors.set(part.channel(), ChannelGap.PROPERTY, new ChannelGap(part.to(), partFrom).toProperty());
        }
    }

    @Override
    public void close() throws IOException {
        try (log;
                cursors) {
            log.discardPending();
        }
    }
}
