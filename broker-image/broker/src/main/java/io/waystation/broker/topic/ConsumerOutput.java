package io.waystation.broker.topic;

import java.nio.ByteBuffer;

/// Where a consumer's messages go: its connection. Called on the channel's loop.
public interface ConsumerOutput {
    /// Whether one more message may be pushed: false while the peer does not take what was sent.
    boolean isWritable();

    void push(ByteBuffer source, int position, int length, long timestampNs, int attempts, long id);

    /// The consumer takes nothing more for now: what is buffered is to be sent unless the consumer is busy anyway.
    void onStarved();

    ClientStats stats(Consumer consumer);

    /// The channel is gone.
    void onChannelClosed();
}
