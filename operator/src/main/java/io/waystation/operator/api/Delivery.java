package io.waystation.operator.api;

/// Which consumer of a channel gets which message.
public enum Delivery {
    /// Whoever has room.
    Shared,
    /// One consumer gets all of them, one at a time in order.
    Exclusive,
    /// Those of one key go to one consumer, one at a time in order.
    KeyShared
}
