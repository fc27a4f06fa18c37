package io.waystation.broker.loop;

/// The parts of a pass's end, in the order in which they run.
public enum Phase {
    /// What was published during the pass becomes one batch a topic: one checksum, one write.
    APPEND,
    /// Channels push to their consumers, once for all that was appended and finished during the pass.
    PUMP,
    /// Connections send what they gathered: answers and messages in one write.
    FLUSH
}
