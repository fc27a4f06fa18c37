package io.waystation.broker.topic;

import io.waystation.broker.loop.Paged;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The figures of topics one after the other, asked for on their loops in small tasks: some topics at a time, and of
/// one that has many channels some channels at a time. Confined to one thread, which waits and so is no loop's.
final class StatsWalk implements Iterator<TopicStats> {
    private static final int TOPICS_AT_ONCE = 16;
    static final int CHANNELS_AT_ONCE = 256;

    /// A topic and the first of its channels.
    private record Part(Topic topic, TopicStats figures, List<ChannelStats> channels) {}

    private final Paged<Topic, Part> parts;
    private final @Nullable String onlyChannel;
    private final boolean withClients;
    private @Nullable TopicStats next;

    StatsWalk(List<Topic> topics, @Nullable String onlyChannel, boolean withClients) {
        this.onlyChannel = onlyChannel;
        this.withClients = withClients;
        this.parts = new Paged<>(topics, TOPICS_AT_ONCE, this::ask);
    }

    private CompletableFuture<@Nullable Part> ask(Topic topic) {
        return topic.loop().call(() -> topic.isClosed() ? null : new Part(topic, TopicStats.of(topic), first(topic)));
    }

    private List<ChannelStats> first(Topic topic) {
        if (onlyChannel == null) {
            return topic.channelStats(null, CHANNELS_AT_ONCE, withClients);
        }
        var channel = topic.channel(onlyChannel);
        return channel == null ? List.of() : List.of(topic.stats(channel, withClients));
    }

    @Override
    public boolean hasNext() {
        while (next == null && parts.hasNext()) {
            var part = parts.next();
            if (onlyChannel == null) {
                next = part.figures.with(rest(part));
            } else if (!part.channels.isEmpty()) {
                next = part.figures.with(part.channels);
            }
        }
        return next != null;
    }

    private List<ChannelStats> rest(Part part) {
        if (part.channels.size() < CHANNELS_AT_ONCE) {
            return part.channels;
        }
        var all = new ArrayList<>(part.channels);
        var topic = part.topic;
        boolean more = true;
        while (more) {
            var last = all.getLast().name();
            var page = topic.loop()
                    .call(() -> topic.channelStats(last, CHANNELS_AT_ONCE, withClients))
                    .join();
            all.addAll(page);
            more = page.size() == CHANNELS_AT_ONCE;
        }
        return all;
    }

    @Override
    public TopicStats next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        var found = next;
        next = null;
        if (found == null) {
            throw new IllegalStateException("no figures after all");
        }
        return found;
    }
}
