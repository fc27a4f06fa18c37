package io.waystation.operator.api;

/// Where a new channel starts to read.
public enum StartFrom {
    /// At the oldest message that the topic has.
    Earliest,
    /// At the next message.
    Latest
}
