package io.waystation.operator.api;

/// The types of conditions, in the order in which a status lists them.
public enum ConditionType {
    /// The promised service exists for the observed generation.
    Ready,
    /// The current generation is not carried out yet. Absent when not so.
    Reconciling,
    /// Only a person can help. Absent when not so.
    Stalled,
    /// An operation runs, asked for or not. Absent when not so.
    Progressing,
    /// The service stands, but below full redundancy. Absent when not so.
    Degraded,
    /// Every broker that was asked for is ready.
    BrokersReady,
    /// Every lookup that was asked for is ready and knows every broker.
    LookupReady,
    /// A leaving broker still holds messages, for longer than the notice time. Absent when not so.
    ScaleDownBlocked,
    /// A restart waits for longer than the notice time. Absent when not so.
    RolloutBlocked,
    /// Another resource owns the topic or channel; the message names it. Absent when not so.
    Conflict
}
