package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;

/// An act that takes something out of service. Whoever carries it out reads the facts it rests on afresh, and does
/// nothing when
/// they do not hold any more.
public sealed interface Disruption {
    String pod();

    /// Delete the pod with this uid, so that it comes back from the newer template; only while the cluster's other
    /// brokers,
    /// or lookups, are ready if it is ready itself.
    record Restart(String pod, String uid, boolean lookup, boolean ready, String why) implements Disruption {}

    /// Lower the number of brokers by one, from this number on; only if the last one is cordoned and empty, or never
    /// had a
    /// volume.
    record LowerBrokers(String pod, int from, StatefulSet lowered) implements Disruption {}

    /// Lower the number of lookups by one, from this number on.
    record LowerLookups(String pod, int from, StatefulSet lowered) implements Disruption {}
}
