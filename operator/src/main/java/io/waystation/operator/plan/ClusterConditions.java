package io.waystation.operator.plan;

import io.waystation.operator.api.ClusterReason;
import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.Correction;
import io.waystation.operator.api.MessageClusterStatus;
import io.waystation.operator.api.MessageClusterStatus.Endpoint;
import io.waystation.operator.api.MessageClusterStatus.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The status of a cluster, from facts and from the status before.
///
/// `Ready` becomes true when all brokers and lookups are ready for the first time, and from then on stays true while at
/// least one of each is. `Reconciling` lasts from a new generation until it is carried out, and does not come back for
/// the same generation: an unasked-for roll is `Progressing` only, a lost broker `Degraded` only.
final class ClusterConditions {
    private final ClusterFacts facts;
    private final ClusterIdentity identity;
    private final Decision decision;
    private final long generation;
    private final Conditions conditions;
    private final Shortfall brokers;
    private final Shortfall lookups;
    private final StorageState storage;
    private final List<Correction> corrections;
    private final boolean created;
    private final boolean complete;

    ClusterConditions(ClusterFacts facts, ClusterIdentity identity, Decision decision, boolean carriedOut) {
        this.facts = facts;
        this.identity = identity;
        this.decision = decision;
        this.generation = facts.cluster().getMetadata().getGeneration();
        this.conditions = new Conditions(facts.status().conditionList(), generation, facts.now());
        this.brokers = Shortfall.ofBrokers(facts);
        this.lookups = Shortfall.ofLookups(facts);
        this.storage = StorageState.of(facts);
        this.corrections =
                Corrections.after(facts.corrections(), facts.findings().corrected(), facts.now());
        this.complete = carriedOut
                && brokers.isEmpty()
                && lookups.isEmpty()
                && storage.reason() == ClusterReason.AllServing
                && setsFollow()
                && identity.clusterId() != null;
        this.created = complete || wasCreated(facts.status());
    }

    /// Whether the cluster has once been complete.
    private static boolean wasCreated(MessageClusterStatus before) {
        return Condition.find(before.conditionList(), ConditionType.Ready)
                .filter(ready -> !ready.reason().equals(ClusterReason.Creating.name())
                        && !ready.status().equals("Unknown"))
                .isPresent();
    }

    static boolean isHealthy(MessageClusterStatus status) {
        return Condition.holds(status.conditionList(), ConditionType.Ready)
                && Condition.holds(status.conditionList(), ConditionType.BrokersReady)
                && Condition.holds(status.conditionList(), ConditionType.LookupReady)
                && Condition.holds(status.conditionList(), ConditionType.StorageHealthy)
                && Condition.find(status.conditionList(), ConditionType.Reconciling)
                        .isEmpty();
    }

    /// Of a cluster that is left alone: what was said before, for the generation that it was said of, and that it is
    /// left alone.
    static MessageClusterStatus paused(ClusterFacts facts) {
        var before = facts.status();
        var conditions = new Conditions(
                before.conditionList(), facts.cluster().getMetadata().getGeneration(), facts.now());
        conditions.pause(ClusterReason.Paused);
        return before.with(conditions.list());
    }

    MessageClusterStatus status() {
        ready();
        part(ConditionType.BrokersReady, brokers, counted(facts.wantedBrokers(), "broker") + " ready");
        part(
                ConditionType.LookupReady,
                lookups,
                counted(facts.wantedLookups(), "lookup") + " ready, each knows every broker");
        conditions.set(
                ConditionType.StorageHealthy,
                storage.reason() == ClusterReason.AllServing,
                storage.reason(),
                storage.message());
        drifted();
        boolean reconciling = !stalled() && reconciling();
        progressing(reconciling);
        degraded(reconciling);
        blocked();
        var names = facts.names();
        return new MessageClusterStatus(
                generation,
                conditions.list(),
                identity.mismatch() == null
                        ? identity.clusterId()
                        : facts.status().clusterId(),
                facts.brokers().size(),
                readyBrokers(),
                names.selector(ClusterNames.BROKER).entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .collect(Collectors.joining(",")),
                readyWanted(facts.wantedBrokers(), facts::isBrokerReady),
                readyWanted(facts.wantedLookups(), facts::isLookupReady),
                BrokerStatuses.version(facts),
                BrokerStatuses.list(facts),
                decision.operation(),
                PendingRestart.keys(facts),
                corrections,
                endpoints(names));
    }

    private static String readyWanted(int wanted, IntPredicate ready) {
        return IntStream.range(0, wanted).filter(ready).count() + "/" + wanted;
    }

    private static String counted(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private int readyBrokers() {
        return (int)
                facts.brokers().stream().filter(broker -> broker.pod().ready()).count();
    }

    private long readyLookups() {
        return facts.lookups().stream().filter(lookup -> lookup.pod().ready()).count();
    }

    private boolean setsFollow() {
        return facts.brokerSet() != null
                && facts.lookupSet() != null
                && facts.brokerSet().updateRevision() != null
                && facts.lookupSet().updateRevision() != null
                && facts.brokerSet().replicas() == facts.wantedBrokers()
                && facts.lookupSet().replicas() == facts.wantedLookups();
    }

    private void ready() {
        if (!created) {
            conditions.set(
                    ConditionType.Ready,
                    false,
                    ClusterReason.Creating,
                    counted(facts.wantedBrokers(), "broker") + " and " + counted(facts.wantedLookups(), "lookup")
                            + " start");
        } else if (readyBrokers() == 0) {
            conditions.set(ConditionType.Ready, false, ClusterReason.BrokersUnavailable, "no broker is ready");
        } else if (readyLookups() == 0) {
            conditions.set(ConditionType.Ready, false, ClusterReason.LookupUnavailable, "no lookup is ready");
        } else {
            conditions.set(ConditionType.Ready, true, ClusterReason.AllServing, "producers and consumers are served");
        }
    }

    private void part(ConditionType type, Shortfall shortfall, String whole) {
        conditions.set(
                type, shortfall.isEmpty(), shortfall.reason(), shortfall.isEmpty() ? whole : shortfall.message());
    }

    /// What somebody else changed once is an event; what comes again and again is left as it is, and shows.
    private void drifted() {
        var fights = Corrections.fights(corrections);
        if (fights != null) {
            conditions.set(ConditionType.Drifted, true, ClusterReason.ChangedAgain, fights);
        }
    }

    private boolean stalled() {
        var obstacle = facts.findings().obstacle();
        if (identity.mismatch() != null) {
            conditions.set(ConditionType.Stalled, true, ClusterReason.VolumeMismatch, identity.mismatch());
        } else if (facts.refusal() != null) {
            conditions.set(ConditionType.Stalled, true, ClusterReason.SpecRefused, facts.refusal());
        } else if (obstacle != null) {
            conditions.set(ConditionType.Stalled, true, obstacle.reason(), obstacle.message());
        } else if (storage.needsPerson()) {
            conditions.set(ConditionType.Stalled, true, storage.reason(), storage.message());
        } else {
            return false;
        }
        return true;
    }

    private boolean reconciling() {
        var before = facts.status();
        boolean newGeneration = !Objects.equals(before.observedGeneration(), generation);
        boolean wasReconciling = Condition.holds(before.conditionList(), ConditionType.Reconciling)
                || Condition.holds(before.conditionList(), ConditionType.Stalled);
        boolean reconciling = (newGeneration || wasReconciling) && !complete;
        if (reconciling) {
            conditions.set(ConditionType.Reconciling, true, progressReason(), progressMessage());
        }
        return reconciling;
    }

    private void progressing(boolean reconciling) {
        if (decision.operation() != null || reconciling) {
            conditions.set(ConditionType.Progressing, true, progressReason(), progressMessage());
        }
    }

    private ClusterReason progressReason() {
        if (decision.operation() != null) {
            return decision.isScaleDown() ? ClusterReason.Draining : ClusterReason.RollingUpdate;
        }
        if (!created) {
            return ClusterReason.Creating;
        }
        if (!brokers.isEmpty() || !lookups.isEmpty()) {
            return ClusterReason.ScalingUp;
        }
        return storage.reason() == ClusterReason.Resizing ? ClusterReason.Resizing : ClusterReason.Applying;
    }

    private String progressMessage() {
        var operation = decision.operation();
        if (operation != null) {
            return operation.type() + " of " + operation.target() + ": " + operation.step();
        }
        var waitsFor = new ArrayList<String>();
        for (var part : List.of(brokers, lookups)) {
            if (!part.isEmpty()) {
                waitsFor.add(part.message());
            }
        }
        if (storage.reason() == ClusterReason.Resizing) {
            waitsFor.add(storage.message());
        }
        return waitsFor.isEmpty() ? "objects and settings follow the spec" : "waits: " + String.join("; ", waitsFor);
    }

    /// What our own operation takes out of service is no loss, until its notice time has passed, and a broker that has
    /// just been asked for is none either.
    private void degraded(boolean reconciling) {
        var losses = brokers;
        var operation = decision.operation();
        var restarting = decision.restarting();
        if (operation != null && restarting != null && !isOverdue(operation)) {
            losses = losses.without(ClusterNames.ordinal(restarting));
        }
        boolean scalingUp = reconciling && progressReason() == ClusterReason.ScalingUp;
        if (created && !scalingUp && !losses.isEmpty()) {
            conditions.set(ConditionType.Degraded, true, losses.reason(), losses.message());
        }
    }

    private boolean isOverdue(Operation operation) {
        return Times.reached(operation.noticeAt(), facts.now());
    }

    private void blocked() {
        var operation = decision.operation();
        var obstacle = decision.obstacle();
        if (operation != null && obstacle != null && isOverdue(operation)) {
            conditions.set(
                    decision.isScaleDown() ? ConditionType.ScaleDownBlocked : ConditionType.RolloutBlocked,
                    true,
                    obstacle.reason(),
                    obstacle.message());
        }
    }

    private static List<Endpoint> endpoints(ClusterNames names) {
        var publish = names.publishService() + "." + names.namespace() + ".svc";
        var lookup = names.lookupService() + "." + names.namespace() + ".svc";
        return List.of(
                new Endpoint("lookup-http", lookup + ":" + LookupObjects.HTTP_PORT),
                new Endpoint("publish-http", publish + ":" + BrokerObjects.HTTP_PORT),
                new Endpoint("publish-tcp", publish + ":" + BrokerObjects.TCP_PORT));
    }
}
