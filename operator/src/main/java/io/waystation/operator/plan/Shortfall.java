package io.waystation.operator.plan;

import io.waystation.operator.api.ClusterReason;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is wrong with the brokers, or lookups, that were asked for, by ordinal. Empty when nothing is.
record Shortfall(Map<Integer, Trouble> troubles) {
    /// Reasons that say more than that something is not there, so that they come first.
    private static final Set<ClusterReason> SPECIFIC =
            Set.of(ClusterReason.PodNotScheduled, ClusterReason.ImageUnavailable, ClusterReason.PodFailing);

    static Shortfall ofBrokers(ClusterFacts facts) {
        var troubles = new TreeMap<Integer, Trouble>();
        for (int ordinal = 0; ordinal < facts.wantedBrokers(); ordinal++) {
            var broker = facts.broker(ordinal).orElse(null);
            if (broker == null || !broker.pod().ready()) {
                var pod = broker == null ? null : broker.pod();
                troubles.put(ordinal, notReady(facts.names().brokerPod(ordinal), pod, ClusterReason.BrokerUnreachable));
            } else if (broker.report() == null) {
                var why = broker.silence() == null ? "" : ": " + broker.silence();
                troubles.put(
                        ordinal,
                        new Trouble(
                                ClusterReason.StateUnreadable, broker.name() + " does not answer the operator" + why));
            }
        }
        return new Shortfall(troubles);
    }

    static Shortfall ofLookups(ClusterFacts facts) {
        var troubles = new TreeMap<Integer, Trouble>();
        var announced = facts.announced();
        for (int ordinal = 0; ordinal < facts.wantedLookups(); ordinal++) {
            var lookup = facts.lookup(ordinal).orElse(null);
            if (lookup == null || !lookup.pod().ready()) {
                var pod = lookup == null ? null : lookup.pod();
                troubles.put(ordinal, notReady(facts.names().lookupPod(ordinal), pod, ClusterReason.LookupUnavailable));
            } else if (lookup.knows() == null) {
                troubles.put(
                        ordinal,
                        new Trouble(ClusterReason.StateUnreadable, lookup.name() + " does not answer the operator"));
            } else if (!lookup.knowsAll(announced)) {
                long known = announced.stream().filter(lookup.knows()::contains).count();
                troubles.put(
                        ordinal,
                        new Trouble(
                                ClusterReason.NotRegistered,
                                lookup.name() + " knows " + known + " of " + announced.size() + " brokers"));
            }
        }
        return new Shortfall(troubles);
    }

    private static Trouble notReady(String name, @Nullable PodFacts pod, ClusterReason plain) {
        if (pod == null) {
            return new Trouble(plain, name + " does not exist yet");
        }
        if (pod.deleting()) {
            return new Trouble(plain, name + " ends");
        }
        var trouble = pod.trouble();
        return trouble == null
                ? new Trouble(plain, name + " is not ready")
                : new Trouble(trouble.reason(), name + ": " + trouble.message());
    }

    boolean isEmpty() {
        return troubles.isEmpty();
    }

    Shortfall without(int ordinal) {
        var rest = new TreeMap<>(troubles);
        rest.remove(ordinal);
        return new Shortfall(rest);
    }

    ClusterReason reason() {
        return troubles.values().stream()
                .map(Trouble::reason)
                .filter(SPECIFIC::contains)
                .findFirst()
                .or(() -> troubles.values().stream().map(Trouble::reason).findFirst())
                .orElse(ClusterReason.AllServing);
    }

    String message() {
        return String.join(
                "; ", troubles.values().stream().map(Trouble::message).toList());
    }
}
