package io.waystation.channel;

/// Where an unfinished message of a channel is.
public enum MessageState {
    /// For a consumer: never delivered, or to be delivered again.
    WAITING,
    /// With a consumer that has not answered.
    IN_FLIGHT,
    /// For the end of a delay.
    DEFERRED;

    static MessageState of(int holder) {
        return switch (holder) {
            case Slots.QUEUED -> WAITING;
            case Slots.DEFERRED -> DEFERRED;
            default -> IN_FLIGHT;
        };
    }
}
