package io.waystation.operator.plan;

import io.waystation.operator.api.OperationType;
import org.jspecify.annotations.Nullable;

/// Chooses the one act of a cluster that may come next and takes something out of service.
///
/// 1. A pod that is not ready and comes from an older template is restarted, whatever else goes on: it serves nobody.
/// 2. A scale-down of brokers that has begun goes on, unless the number was raised again.
/// 3. A pod that was restarted is awaited.
/// 4. Lookups that are too many leave, then pods from an older template restart, lookups first, then brokers that
///    are too many leave: one at a time, the highest ordinal first. A pod restarts only while all others are ready,
///    a broker leaves only when it is cordoned and empty.
///
/// Of several that are due the first that can act does; what waits would otherwise hold up the very thing that it waits
/// for. Nothing here runs out: what cannot be done yet waits, and says for what.
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
        var unfinished = restarts.unfinished();
        if (unfinished != null) {
            return unfinished;
        }
        return firstThatActs(scaleDowns.lookups(), restarts.lookups(), restarts.brokers(), scaleDowns.brokers());
    }

    private static Decision firstThatActs(@Nullable Decision... decisions) {
        Decision waiting = null;
        for (var decision : decisions) {
            if (decision != null && decision.act() != null) {
                return decision;
            }
            if (waiting == null) {
                waiting = decision;
            }
        }
        return waiting == null ? Decision.NOTHING : waiting;
    }
}
