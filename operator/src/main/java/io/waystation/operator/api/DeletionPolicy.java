package io.waystation.operator.api;

/// What the deletion of a Topic or Channel resource does to its messages.
public enum DeletionPolicy {
    /// Nothing: the brokers keep it.
    Retain,
    /// Deleted with its messages.
    Delete,
    /// Deleted as soon as all its messages are finished; the resource stays until then.
    DeleteIfEmpty
}
