package io.waystation.operator.api;

/// What the deletion of a MessageCluster does to its volumes.
public enum VolumePolicy {
    /// Nothing: a cluster of the same name finds them again.
    Retain,
    /// They are deleted with all that they hold.
    Delete
}
