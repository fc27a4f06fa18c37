package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.loop.Phase;
import io.waystation.broker.loop.Work;
import io.waystation.channel.Cursor;
import io.waystation.channel.Outcome;
import io.waystation.log.LogReader;
import io.waystation.wire.MessageId;
import io.waystation.wire.Names;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One channel of a topic: reads the topic's log where its cursor stands and pushes to the consumers that have room.
/// Confined to its topic's loop.
public final class Channel {
    /// Messages pushed in one pass; the rest waits for the next, so that one channel cannot hold up the loop.
    private static final int PUMP_BUDGET = 10_000;
    /// Consumers of one channel when no flag says less.
    private static final int MAX_CONSUMERS = 100_000;

    private static final long NANOS_PER_MS = 1_000_000;
    private static final String NOT_IN_FLIGHT = "ID not in flight";
    private static final String NOT_OWNER = "client does not own message";
    private static final Logger LOG = LoggerFactory.getLogger(Channel.class);

    private final Topic topic;
    private final String name;
    private final Loop loop;
    private final Cursor cursor;
    private final LogReader reader;
    private @Nullable LogReader redeliveryReader;
    private final Work pump;
    private final SplittableRandom random;

    private final List<Consumer> consumers = new ArrayList<>();
    /// Consumers by owner number; a number is never used again.
    private final Map<Integer, Consumer> owners = new HashMap<>();
    private int lastOwner;
    private int nextConsumerIndex;
    private boolean preferNew;
    private boolean paused;
    private boolean closed;
    /// Why nothing is delivered although there is something; null while all is well.
    private @Nullable String stall;

    /// The offset that `reader` gives next, or -1 when it has to be placed.
    private long readerOffset = -1;
    private long redeliveryOffset = -1;
    /// The loop's time at which the earliest armed timer fires.
    private long timerMs = Long.MAX_VALUE;
    /// The topic's distributed end when counting began, so that the message count starts at 0 with the process.
    private final long countedFrom;
    private long requeueCount;
    private long timeoutCount;

    Channel(Topic topic, String name, Cursor cursor, long countedFrom, boolean paused) {
        this.topic = topic;
        this.name = name;
        this.loop = topic.loop();
        this.cursor = cursor;
        this.countedFrom = countedFrom;
        this.paused = paused;
        this.reader = topic.log().reader();
        this.pump = loop.work(Phase.PUMP, this::pump);
        this.random = new SplittableRandom(name.hashCode());
    }

    public String name() {
        return name;
    }

    public Topic topic() {
        return topic;
    }

    public boolean isPaused() {
        return paused;
    }

    public boolean isEphemeral() {
        return Names.isEphemeral(name);
    }

    Cursor cursor() {
        return cursor;
    }

    List<Consumer> consumers() {
        return consumers;
    }

    public long depth() {
        return cursor.depth(topic.distributedEnd());
    }

    long unfinished() {
        return cursor.unfinishedCount(topic.distributedEnd());
    }

    long messageCount() {
        return topic.distributedEnd() - countedFrom;
    }

    long requeueCount() {
        return requeueCount;
    }

    long timeoutCount() {
        return timeoutCount;
    }

    /// Adds a consumer; null when the channel has as many as `limit` allows (0: no limit).
    public @Nullable Consumer join(ConsumerOutput output, long messageTimeoutMs, int sampleRate, int limit) {
        assert loop.isCurrent();
        if (consumers.size() >= consumerLimit(limit)) {
            return null;
        }
        lastOwner++;
        var consumer = new Consumer(this, output, lastOwner, messageTimeoutMs, sampleRate);
        owners.put(lastOwner, consumer);
        consumers.add(consumer);
        return consumer;
    }

    /// How many consumers a flag's limit allows; 0 stands for no limit.
    public static int consumerLimit(int limit) {
        return limit == 0 ? MAX_CONSUMERS : Math.min(limit, MAX_CONSUMERS);
    }

    void onConsumerReady(Consumer consumer) {
        assert loop.isCurrent();
        if (consumer.isReady()) {
            pump.request();
        }
    }

    void onConsumerLeft(Consumer consumer) {
        assert loop.isCurrent();
        if (!consumers.remove(consumer)) {
            return;
        }
        consumer.closeWait();
        if (!closed) {
            int returned = cursor.requeueAll(consumer.owner);
            assert returned == consumer.inFlightCount : returned + " " + consumer.inFlightCount;
            consumer.inFlightCount = 0;
        }
        owners.remove(consumer.owner);
        if (consumers.isEmpty() && isEphemeral() && !closed) {
            topic.onEphemeralChannelLeft(this);
            return;
        }
        pump.request();
    }

    @Nullable String finish(Consumer consumer, long id) {
        if (!isMine(id)) {
            return NOT_IN_FLIGHT;
        }
        var outcome = cursor.finish(MessageId.offset(id), consumer.owner);
        if (outcome != Outcome.DONE) {
            return text(outcome);
        }
        settled(consumer);
        return null;
    }

    @Nullable String requeue(Consumer consumer, long id, long delayMs) {
        if (!isMine(id)) {
            return NOT_IN_FLIGHT;
        }
        long nowMs = loop.nowMs();
        var outcome = cursor.requeue(MessageId.offset(id), consumer.owner, nowMs, nowMs + delayMs);
        if (outcome != Outcome.DONE) {
            return text(outcome);
        }
        requeueCount++;
        settled(consumer);
        return null;
    }

    @Nullable String touch(Consumer consumer, long id, long maxTimeoutMs) {
        if (!isMine(id)) {
            return NOT_IN_FLIGHT;
        }
        var outcome = cursor.touch(
                MessageId.offset(id), consumer.owner, loop.nowMs(), consumer.messageTimeoutMs(), maxTimeoutMs);
        return outcome == Outcome.DONE ? null : text(outcome);
    }

    private boolean isMine(long id) {
        return id != MessageId.UNKNOWN
                && MessageId.shard(id) == topic.shard()
                && MessageId.generation(id) == cursor.generation()
                && !closed;
    }

    private static String text(Outcome outcome) {
        return outcome == Outcome.NOT_OWNER ? NOT_OWNER : NOT_IN_FLIGHT;
    }

    private void settled(Consumer consumer) {
        consumer.inFlightCount--;
        topic.onCursorChanged();
        pump.request();
    }

    /// Something may be deliverable.
    void onMessages() {
        if (!consumers.isEmpty()) {
            pump.request();
        }
    }

    private void pump() {
        if (closed || paused || stall != null) {
            return;
        }
        try {
            int left = PUMP_BUDGET;
            while (left > 0 && deliverOne()) {
                left--;
            }
            if (left == 0) {
                pump.request();
            }
        } catch (IOException failure) {
            stall = String.valueOf(failure.getMessage());
            LOG.atError()
                    .addKeyValue("topic", topic.name())
                    .addKeyValue("channel", name)
                    .addKeyValue("offset", cursor.next())
                    .setCause(failure)
                    .log("channel stopped: its log cannot be read");
        }
        armTimer();
    }

    /// Pushes one message to the next consumer with room. While both redeliveries and new messages wait they take
    /// turns, so that a wave of redeliveries does not starve what is new.
    private boolean deliverOne() throws IOException {
        boolean isNew = cursor.next() < topic.distributedEnd() && !cursor.stalled();
        boolean isRedelivery = cursor.hasRedelivery();
        if (!isNew && !isRedelivery) {
            reader.release();
            return false;
        }
        var consumer = nextReady();
        if (consumer == null) {
            return false;
        }
        if (isRedelivery && !(isNew && preferNew)) {
            preferNew = true;
            redeliver(consumer);
        } else {
            preferNew = false;
            deliverNew(consumer);
        }
        return true;
    }

    private @Nullable Consumer nextReady() {
        int count = consumers.size();
        for (int i = 0; i < count; i++) {
            int index = nextConsumerIndex + i < count ? nextConsumerIndex + i : nextConsumerIndex + i - count;
            if (index >= count) {
                index = 0;
            }
            var consumer = consumers.get(index);
            if (consumer.isReady()) {
                nextConsumerIndex = index + 1 == count ? 0 : index + 1;
                return consumer;
            }
        }
        return null;
    }

    private void deliverNew(Consumer consumer) throws IOException {
        long expected = cursor.next();
        if (readerOffset != expected) {
            reader.seek(expected);
        }
        if (!reader.next()) {
            throw new IOException("offset " + expected + " is missing (the log ends at "
                    + topic.log().endOffset() + ")");
        }
        long offset = reader.offset();
        while (cursor.next() < offset) {
            // Offsets without a record: retention deleted them.
            cursor.skip(cursor.next());
        }
        readerOffset = offset + 1;
        if (topic.isEmptied(offset) || isSampledOut(consumer)) {
            cursor.skip(offset);
            topic.onCursorChanged();
            return;
        }
        push(consumer, offset, reader);
    }

    private void redeliver(Consumer consumer) throws IOException {
        long offset = cursor.pollRedelivery();
        if (offset < 0) {
            return;
        }
        var records = redeliveryReader;
        if (records == null) {
            records = topic.log().reader();
            redeliveryReader = records;
        }
        if (redeliveryOffset != offset) {
            records.seek(offset);
        }
        if (!records.next() || records.offset() != offset) {
            throw new IOException("offset " + offset + " is missing (the log starts at "
                    + topic.log().startOffset() + ")");
        }
        redeliveryOffset = offset + 1;
        push(consumer, offset, records);
        if (!cursor.hasRedelivery()) {
            records.release();
        }
    }

    private boolean isSampledOut(Consumer consumer) {
        int rate = consumer.sampleRate();
        return rate > 0 && random.nextInt(100) > rate;
    }

    private void push(Consumer consumer, long offset, LogReader record) {
        long nowMs = loop.nowMs();
        int attempts = cursor.deliver(offset, consumer.owner, nowMs, nowMs + consumer.messageTimeoutMs());
        consumer.onDelivered();
        consumer.output()
                .push(
                        record.buffer(),
                        record.position(),
                        record.length(),
                        record.timestampMs() * NANOS_PER_MS,
                        attempts,
                        MessageId.of(topic.shard(), cursor.generation(), offset));
        if (!consumer.hasRoom()) {
            consumer.output().onStarved();
        }
    }

    private void armTimer() {
        long deadlineMs = cursor.nextDeadlineMs();
        if (deadlineMs < timerMs) {
            timerMs = deadlineMs;
            loop.schedule(() -> onTimer(deadlineMs), Math.max(deadlineMs - loop.nowMs(), 1));
        }
    }

    private void onTimer(long armedForMs) {
        if (armedForMs != timerMs || closed) {
            return;
        }
        timerMs = Long.MAX_VALUE;
        if (cursor.expire(loop.nowMs(), this::onTimedOut) > 0) {
            topic.onCursorChanged();
            pump.request();
        }
        armTimer();
    }

    private void onTimedOut(long offset, int owner) {
        timeoutCount++;
        var consumer = owners.get(owner);
        if (consumer == null) {
            throw new IllegalStateException(
                    "offset " + offset + " was in flight to owner " + owner + " of " + name + ", who left");
        }
        consumer.inFlightCount--;
    }

    void pause(boolean pause) {
        paused = pause;
        if (pause) {
            for (var consumer : consumers) {
                consumer.output().onStarved();
            }
        } else {
            onMessages();
        }
    }

    /// In flight is nothing any more, and the reader stands elsewhere.
    void onCursorMoved() {
        for (var consumer : consumers) {
            consumer.inFlightCount = 0;
        }
        readerOffset = -1;
        redeliveryOffset = -1;
        stall = null;
        onMessages();
    }

    /// Ends the channel; its consumers' connections are closed.
    void close() {
        closed = true;
        for (var consumer : List.copyOf(consumers)) {
            consumer.output().onChannelClosed();
        }
        reader.close();
        if (redeliveryReader != null) {
            redeliveryReader.close();
        }
    }

    @Nullable String stall() {
        return stall;
    }
}
