package io.waystation.operator.api;

/// What ends the life of a message.
public enum RetentionPolicy {
    /// That every channel is past it.
    Consumed,
    /// Its age, or the size of what is younger.
    Bounded
}
