package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.channel.Retirement;
import io.waystation.log.LogReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The messages that a channel gives up: sent to its dead-letter topic or dropped, counted, and told in the log now and
/// then. Confined to its topic's loop.
final class ChannelLosses {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelLosses.class);

    private final Channel channel;
    private final ChannelDelivery delivery;
    private final Loop loop;
    private final RareLine drops = new RareLine();
    /// Made when the first message is given up: nearly no channel needs them.
    private @Nullable DeadLetters deadLetters;

    private long expiredCount;
    private long droppedCount;

    ChannelLosses(Channel channel, ChannelDelivery delivery) {
        this.channel = channel;
        this.delivery = delivery;
        this.loop = channel.loop();
    }

    long expiredCount() {
        return expiredCount;
    }

    long droppedCount() {
        return droppedCount;
    }

    long deadLetterCount() {
        return deadLetters == null ? 0 : deadLetters.storedCount();
    }

    /// A message was dropped or is in the dead-letter topic.
    void count(Retirement reason) {
        if (reason == Retirement.TIME_TO_LIVE) {
            expiredCount++;
        }
    }

    void sendDeadLetter(long offset, LogReader record, Retirement reason, int attempts) {
        var target = channel.settings().deadLetterTopic();
        if (target == null) {
            throw new IllegalStateException("no dead-letter topic among " + channel.settings());
        }
        deadLetters().send(target, offset, record, reason, attempts);
    }

    private DeadLetters deadLetters() {
        if (deadLetters == null) {
            deadLetters = new DeadLetters(channel.topic().topics(), channel, delivery);
        }
        return deadLetters;
    }

    /// A rule says so, and there is no dead-letter topic.
    void dropped(long offset, Retirement reason, int attempts) {
        droppedCount++;
        count(reason);
        if (drops.isDue(loop.nowMs())) {
            LOG.atWarn()
                    .addKeyValue("topic", channel.topic().name())
                    .addKeyValue("channel", channel.name())
                    .addKeyValue("offset", offset)
                    .addKeyValue("reason", reason.text())
                    .addKeyValue("attempts", attempts)
                    .addKeyValue("count", drops.take())
                    .log("messages dropped by the channel's rules");
        }
    }

    /// More waited than an ephemeral channel holds.
    void forgotten(long count) {
        droppedCount += count;
        if (drops.isDue(loop.nowMs(), count)) {
            LOG.atWarn()
                    .addKeyValue("topic", channel.topic().name())
                    .addKeyValue("channel", channel.name())
                    .addKeyValue("limit", channel.topic().ephemeralDepth())
                    .addKeyValue("count", drops.take())
                    .log("messages dropped: more waited than mem-queue-size lets an ephemeral channel hold");
        }
    }

    /// The log no longer holds a message that was to be delivered again.
    void gone(long offset) {
        droppedCount++;
        if (drops.isDue(loop.nowMs())) {
            LOG.atWarn()
                    .addKeyValue("topic", channel.topic().name())
                    .addKeyValue("channel", channel.name())
                    .addKeyValue("offset", offset)
                    .addKeyValue("count", drops.take())
                    .log("messages deleted from the log before they were finished");
        }
    }
}
