package io.waystation.broker.topic;

import io.waystation.channel.Proximity;
import io.waystation.channel.Recipient;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One connection's membership in a channel. Confined to the channel's loop.
public final class Consumer implements Recipient {
    private final Channel channel;
    private final ChannelDelivery delivery;
    private final InFlight inFlight;
    private final ConsumerOutput output;
    /// Names this consumer in the cursor; not given to another before all its messages are back in the channel.
    final int owner;

    private final ConsumerTerms terms;
    private final Proximity proximity;
    private final NearbyCounts nearbyCounts = new NearbyCounts();
    private long readyCount;
    /// Invariant: the number of messages that the cursor holds for `owner`.
    int inFlightCount;
    private long messageCount;
    private long finishCount;
    private long requeueCount;
    private boolean closing;

    Consumer(ChannelDelivery delivery, InFlight inFlight, ConsumerOutput output, int owner, ConsumerTerms terms) {
        this.channel = delivery.channel();
        this.delivery = delivery;
        this.inFlight = inFlight;
        this.output = output;
        this.owner = owner;
        this.terms = terms;
        this.proximity = Objects.requireNonNullElse(terms.proximity(), Proximity.ZONE);
    }

    public Channel channel() {
        return channel;
    }

    ConsumerOutput output() {
        return output;
    }

    public long readyCount() {
        return readyCount;
    }

    public int inFlightCount() {
        return inFlightCount;
    }

    public long messageCount() {
        return messageCount;
    }

    public NearbyStats nearby() {
        return nearbyCounts.stats();
    }

    public long finishCount() {
        return finishCount;
    }

    public long requeueCount() {
        return requeueCount;
    }

    /// What the client asked for, else what the channel's rules say, else what the broker's flag says.
    long messageTimeoutMs() {
        if (terms.askedTimeoutMs() > 0) {
            return terms.askedTimeoutMs();
        }
        long ruleMs = channel.settings().messageTimeoutMs();
        return ruleMs > 0 ? ruleMs : terms.defaultTimeoutMs();
    }

    int sampleRate() {
        return terms.sampleRate();
    }

    /// Sets the window: messages are pushed while fewer than `count` are in flight.
    public void ready(long count) {
        readyCount = count;
        delivery.onReady(this);
    }

    /// No further message; those in flight may still be finished.
    public void closeWait() {
        readyCount = 0;
        closing = true;
        delivery.onClosing(this);
    }

    /// The connection can take bytes again.
    public void onWritable() {
        delivery.onReady(this);
    }

    boolean hasRoom() {
        return inFlightCount < readyCount && !closing;
    }

    @Override
    public int owner() {
        return owner;
    }

    @Override
    public boolean isReady() {
        return hasRoom() && output.isWritable();
    }

    @Override
    public Proximity proximity() {
        return proximity;
    }

    /// @param ofChannel counts for the channel, where it matters who is near
    void onDelivered(NearbyCounts ofChannel) {
        inFlightCount++;
        messageCount++;
        if (terms.proximity() != null) {
            nearbyCounts.add(proximity);
            ofChannel.add(proximity);
        }
    }

    /// Null when the message was finished, else why not, in NSQ's words.
    public @Nullable String finish(long id) {
        var problem = inFlight.finish(this, id);
        if (problem == null) {
            finishCount++;
        }
        return problem;
    }

    public @Nullable String requeue(long id, long delayMs) {
        var problem = inFlight.requeue(this, id, delayMs);
        if (problem == null) {
            requeueCount++;
        }
        return problem;
    }

    public @Nullable String touch(long id, long maxTimeoutMs) {
        return inFlight.touch(this, id, maxTimeoutMs);
    }

    /// The connection is gone: its messages go back to the channel at once.
    public void leave() {
        delivery.onLeft(this);
    }
}
