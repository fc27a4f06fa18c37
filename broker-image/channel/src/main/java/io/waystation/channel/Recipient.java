package io.waystation.channel;

/// A consumer as its channel's [Dispatch] sees it.
public interface Recipient {
    /// The number under which the cursor holds its messages.
    int owner();

    /// Whether one more message may be pushed to it now.
    boolean isReady();
}
