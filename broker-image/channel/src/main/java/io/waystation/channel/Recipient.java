package io.waystation.channel;

/// A consumer as its channel's [Dispatch] sees it.
public interface Recipient {
    /// The number under which the cursor holds its messages.
    int owner();

    /// Whether one more message may be pushed to it now.
    boolean isReady();

    /// Of those with room the nearest are served first. Where that does not matter, all are equally near.
    default Proximity proximity() {
        return Proximity.ZONE;
    }
}
