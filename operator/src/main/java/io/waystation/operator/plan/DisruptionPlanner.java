package io.waystation.operator.plan;

import io.waystation.operator.api.OperationType;
import org.jspecify.annotations.Nullable;

/// Chooses the one act of a cluster that may come next and takes something out of service.
///
/// 1. A pod that is not ready and comes from an older template is restarted, whatever else goes on: it serves nobody.
/// 2. A scale-down of brokers that has begun goes on, unless the number was raised again.
/// 3. Pods from an older template are restarted, lookups first, one at a time, the highest ordinal first, each only
///    while all others are ready.
/// 4. Lookups, then brokers, that are too many leave, one at a time, the highest ordinal first; a broker only when it
///    is cordoned and empty.
///
/// Nothing here runs out: what cannot be done yet waits, and says for what.
final class DisruptionPlanner {
    private final ClusterFacts facts;
    private final RestartPlanner restarts;
    private final ScaleDownPlanner scaleDowns;

    DisruptionPlanner(ClusterFacts facts, String settingsHash) {
        this.facts = facts;
        this.restarts = new RestartPlanner(facts);
        this.scaleDowns = new ScaleDownPlanner(facts, settingsHash);
    }

    Decision decide() {
        var repair = restarts.repair();
        if (repair != null) {
            return repair;
        }
        if (Decision.is(facts.status().operation(), OperationType.ScaleDown)) {
            var scaleDown = scaleDowns.brokers();
            if (scaleDown != null) {
                return scaleDown;
            }
        }
        var first = firstOf(restarts.lookups(), restarts.brokers(), scaleDowns.lookups(), scaleDowns.brokers());
        return first == null ? Decision.NOTHING : first;
    }

    private static @Nullable Decision firstOf(@Nullable Decision... decisions) {
        for (var decision : decisions) {
            if (decision != null) {
                return decision;
            }
        }
        return null;
    }
}
