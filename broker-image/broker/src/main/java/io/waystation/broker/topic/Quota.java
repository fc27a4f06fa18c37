package io.waystation.broker.topic;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// How many topics and channels there may be, and how many channels there are. Safe from any thread: counters, and
/// limits that are asked for each time.
///
/// What is stored is opened whatever the limits say; only what would be new is refused.
public final class Quota {
    /// The flags of these names.
    public record Limits(int maxTopics, int maxTopicChannels, int maxChannels) {
        public static final Limits NONE = new Limits(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    private final Supplier<Limits> limits;
    private final AtomicInteger channels = new AtomicInteger();
    private final AtomicLong refusedTopics = new AtomicLong();
    private final AtomicLong refusedChannels = new AtomicLong();

    public Quota(Supplier<Limits> limits) {
        this.limits = limits;
    }

    /// Refuses a topic, with which there would be so many.
    void admitTopic(int withIt) throws LimitReachedException {
        int limit = limits.get().maxTopics();
        if (withIt > limit) {
            refusedTopics.getAndIncrement();
            throw new LimitReachedException(
                    LimitReachedException.TOPICS, "too many topics", withIt, limit, "max-topics");
        }
    }

    /// Refuses channels, with which their topic would have so many.
    void admitChannels(String topic, int withThem) throws LimitReachedException {
        int limit = limits.get().maxTopicChannels();
        if (withThem > limit) {
            refusedChannels.getAndIncrement();
            throw new LimitReachedException(
                    LimitReachedException.CHANNELS,
                    "too many channels of topic " + topic,
                    withThem,
                    limit,
                    "max-topic-channels");
        }
    }

    /// Takes one more channel, with which its topic would have so many, or refuses it.
    void takeChannel(String topic, int withIt) throws LimitReachedException {
        admitChannels(topic, withIt);
        int limit = limits.get().maxChannels();
        int all = channels.incrementAndGet();
        if (all > limit) {
            giveChannels(1);
            refusedChannels.getAndIncrement();
            throw new LimitReachedException(
                    LimitReachedException.CHANNELS, "too many channels", all, limit, "max-channels");
        }
    }

    /// Channels were opened that were there before.
    void opened(int count) {
        channels.addAndGet(count);
    }

    void giveChannels(int count) {
        channels.addAndGet(-count);
    }

    /// Topics that were refused.
    public long refusedTopicCount() {
        return refusedTopics.get();
    }

    /// Channels that were refused.
    public long refusedChannelCount() {
        return refusedChannels.get();
    }
}
