package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.channel.Retirement;
import io.waystation.log.LogReader;
import io.waystation.log.RecordHeaders;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Publishes the messages that a channel gives up to its dead-letter topic, and tells the [ChannelDelivery] when
/// each is stored there. Confined to the channel's loop; the topic may be on another one, and is made when there is
/// none.
///
/// A dead letter has the message's body, key and headers, and these headers besides, as text:
///
/// | header | |
/// |---|---|
/// | `waystation-dead-letter-topic` | the topic, |
/// | `waystation-dead-letter-channel` | the channel |
/// | `waystation-dead-letter-offset` | and the offset that it comes from |
/// | `waystation-dead-letter-attempts` | how often it was delivered there |
/// | `waystation-dead-letter-reason` | `max-attempts` or `time-to-live` |
/// | `waystation-dead-letter-published` | when it was published there, in milliseconds since 1970 |
/// | `waystation-dead-letter-timestamp` | when it was given up, likewise |
/// | `waystation-dead-letter-source` | names the message, so that it is not stored twice |
///
/// The source is the id of the topic's log, which no other has that ever bears its name, the channel, how often its
/// cursor was reset, so that a channel that went back gives up anew, the offset, and the time of the publish, since a
/// power loss may give the offset to another message.
///
/// Those of an earlier dead letter are replaced. A cordoned broker takes dead letters: it holds no more messages with
/// them than without, and could never be emptied otherwise.
final class DeadLetters {
    static final String PREFIX = "waystation-dead-letter-";
    static final String SOURCE = PREFIX + "source";

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    private final Topics topics;
    private final Channel channel;
    private final ChannelDelivery delivery;
    private final Loop loop;
    private final RareLine arrivals = new RareLine();
    private final RareLine refusals = new RareLine();
    private long storedCount;

    DeadLetters(Topics topics, Channel channel, ChannelDelivery delivery) {
        this.topics = topics;
        this.channel = channel;
        this.delivery = delivery;
        this.loop = channel.loop();
    }

    /// How many were stored.
    long storedCount() {
        return storedCount;
    }

    /// Copies the record and sends it; the channel hears of it later.
    void send(String topicName, long offset, LogReader record, Retirement reason, int attempts) {
        var source = source(offset, record);
        var letter = new DeadLetter(
                channel.cursor().generation(),
                offset,
                reason,
                source,
                record.keyLength() < 0 ? null : copy(record, record.keyPosition(), record.keyLength()),
                headers(offset, record, reason, attempts).with(SOURCE, source),
                copy(record, record.position(), record.length()));
        var found = topics.find(topicName);
        if (found != null) {
            publish(found, letter);
            return;
        }
        var _ = topics.obtainForDeadLetters(topicName).whenComplete((made, failure) -> {
            if (made != null) {
                publish(made, letter);
            } else {
                loop.execute(() -> refused(letter, Topics.cause(failure)));
            }
        });
    }

    private String source(long offset, LogReader record) {
        var log = channel.topic().log().partition().id();
        return log + "/" + channel.name() + "/" + channel.cursor().resetCount() + "/" + offset + "/"
                + record.timestampMs();
    }

    private RecordHeaders headers(long offset, LogReader record, Retirement reason, int attempts) {
        return record.headers()
                .withoutPrefix(PREFIX)
                .with(PREFIX + "topic", channel.topic().name())
                .with(PREFIX + "channel", channel.name())
                .with(PREFIX + "offset", Long.toString(offset))
                .with(PREFIX + "attempts", Integer.toString(attempts))
                .with(PREFIX + "reason", reason.text())
                .with(PREFIX + "published", Long.toString(record.timestampMs()))
                .with(PREFIX + "timestamp", Long.toString(loop.wallMs()));
    }

    private static ByteBuffer copy(LogReader record, int position, int length) {
        return ByteBuffer.allocate(length).put(0, record.buffer(), position, length);
    }

    /// Never within the call of [#send]: the dispatch is in the middle of a step.
    private void publish(Topic target, DeadLetter letter) {
        target.loop()
                .execute(() -> target.publishDeadLetter(letter, new PublishWaiter() {
                    @Override
                    public void onPublished(int ticket) {
                        loop.execute(() -> stored(letter));
                    }

                    @Override
                    public void onPublishFailed(int ticket, String cause) {
                        loop.execute(() -> refused(letter, cause));
                    }
                }));
    }

    private void stored(DeadLetter letter) {
        storedCount++;
        if (arrivals.isDue(loop.nowMs())) {
            LOG.atInfo()
                    .addKeyValue("topic", channel.topic().name())
                    .addKeyValue("channel", channel.name())
                    .addKeyValue("offset", letter.offset())
                    .addKeyValue("reason", letter.reason().text())
                    .addKeyValue("count", arrivals.take())
                    .log("messages given up are in the dead-letter topic");
        }
        delivery.onDeadLetterStored(
                letter.generation(), letter.offset(), letter.body().capacity(), letter.reason());
    }

    private void refused(DeadLetter letter, String cause) {
        if (refusals.isDue(loop.nowMs())) {
            LOG.atWarn()
                    .addKeyValue("topic", channel.topic().name())
                    .addKeyValue("channel", channel.name())
                    .addKeyValue("offset", letter.offset())
                    .addKeyValue("cause", cause)
                    .addKeyValue("count", refusals.take())
                    .log("dead-letter topic takes no messages: they stay in the channel and are tried again");
        }
        delivery.onDeadLetterRefused(
                letter.generation(), letter.offset(), letter.body().capacity());
    }
}
