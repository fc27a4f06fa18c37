package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.waystation.operator.api.EventReason;
import io.waystation.operator.api.RestartReason;

/// An act that takes something out of service. Whoever carries it out reads the facts it rests on afresh, and does
/// nothing when they do not hold any more.
public sealed interface Disruption {
    String pod();

    /// What is told when it was done.
    PlannedEvent event();

    /// Delete the pod with this uid, so that it comes back from the newer template; only while the cluster's other
    /// brokers, or lookups, are ready if it is ready itself.
    record Restart(String pod, String uid, boolean lookup, boolean ready, RestartReason why) implements Disruption {
        @Override
        public PlannedEvent event() {
            return new PlannedEvent(EventReason.Restarting, pod + " restarts: " + why);
        }
    }

    /// Lower the number of brokers by one, from this number on; only if the last one is cordoned and empty, or never
    /// had a volume.
    record LowerBrokers(String pod, int from, StatefulSet lowered) implements Disruption {
        @Override
        public PlannedEvent event() {
            return new PlannedEvent(
                    EventReason.BrokerRemoved,
                    pod + " is empty and leaves: " + from + " -> " + (from - 1) + " brokers; its volume stays");
        }
    }

    /// Lower the number of lookups by one, from this number on.
    record LowerLookups(String pod, int from, StatefulSet lowered) implements Disruption {
        @Override
        public PlannedEvent event() {
            return new PlannedEvent(
                    EventReason.LookupRemoved, pod + " leaves: " + from + " -> " + (from - 1) + " lookups");
        }
    }
}
