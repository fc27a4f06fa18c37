package io.waystation.operator.plan;

import io.waystation.operator.api.ClusterReason;
import io.waystation.operator.api.OperationStep;
import io.waystation.operator.api.OperationType;
import io.waystation.operator.api.RestartReason;
import io.waystation.operator.plan.Decision.Obstacle;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Decides which pod restarts next, and what it waits for.
final class RestartPlanner {
    /// How long a node may take to grow a file system while it is in use.
    static final Duration ONLINE_GROWTH = Duration.ofMinutes(5);

    private final ClusterFacts facts;

    RestartPlanner(ClusterFacts facts) {
        this.facts = facts;
    }

    @Nullable Decision repair() {
        for (var lookup : facts.lookups()) {
            if (isBroken(lookup.pod(), facts.lookupSet())) {
                return restart(OperationType.LookupRestart, lookup.pod(), RestartReason.NotReady, null);
            }
        }
        for (var broker : facts.brokers()) {
            if (isBroken(broker.pod(), facts.brokerSet())) {
                return restart(OperationType.Restart, broker.pod(), RestartReason.NotReady, null);
            }
        }
        return null;
    }

    private static boolean isBroken(PodFacts pod, @Nullable SetFacts set) {
        return set != null && set.isOutdated(pod) && !pod.ready() && !pod.deleting();
    }

    @Nullable Decision lookups() {
        var set = facts.lookupSet();
        if (set == null) {
            return null;
        }
        for (var lookup : facts.lookups().reversed()) {
            if (lookup.ordinal() < facts.wantedLookups() && lookup.pod().ready() && set.isOutdated(lookup.pod())) {
                return restart(
                        OperationType.LookupRestart,
                        lookup.pod(),
                        RestartReason.TemplateChanged,
                        lookupObstacle(
                                facts,
                                IntStream.range(0, set.replicas()).filter(ordinal -> ordinal != lookup.ordinal())));
            }
        }
        return null;
    }

    @Nullable Decision brokers() {
        var set = facts.brokerSet();
        if (set == null) {
            return null;
        }
        for (var broker : facts.brokers().reversed()) {
            var why = broker.ordinal() < facts.wantedBrokers() && broker.pod().ready() ? due(broker, set) : null;
            if (why != null) {
                return restart(OperationType.Restart, broker.pod(), why, brokerObstacle(facts, broker, set.replicas()));
            }
        }
        return null;
    }

    private @Nullable RestartReason due(BrokerFacts broker, SetFacts set) {
        if (set.isOutdated(broker.pod())) {
            return RestartReason.TemplateChanged;
        }
        if (PendingRestart.hasRemovedSetting(facts, broker)) {
            return RestartReason.SettingRemoved;
        }
        if (PendingRestart.readAnotherFile(facts, broker)) {
            return RestartReason.FileWasChanged;
        }
        return waitsForFileSystem(broker) ? RestartReason.FileSystemResizePending : null;
    }

    /// Mostly the node grows a file system while it is in use. One that has not grown in all that time grows when
    /// it is mounted again: by a pod that is younger than the wait, so that this comes once.
    private boolean waitsForFileSystem(BrokerFacts broker) {
        var claim = facts.claim(broker.ordinal()).orElse(null);
        var createdAt = broker.pod().createdAt();
        if (claim == null || createdAt == null || !claim.isSmallerThan(facts.wantedSize())) {
            return false;
        }
        var since = claim.fileSystemPendingSince();
        return since != null && createdAt.isBefore(since) && !facts.now().isBefore(since.plus(ONLINE_GROWTH));
    }

    /// A restart that has begun is over when the pod is ready again, or not wanted any more.
    @Nullable Decision unfinished() {
        var lookups = facts.lookups().stream().map(LookupFacts::pod).toList();
        var unfinished = unfinished(OperationType.LookupRestart, lookups, facts.lookupSet(), facts.wantedLookups());
        if (unfinished != null) {
            return unfinished;
        }
        var brokers = facts.brokers().stream().map(BrokerFacts::pod).toList();
        return unfinished(OperationType.Restart, brokers, facts.brokerSet(), facts.wantedBrokers());
    }

    private @Nullable Decision unfinished(OperationType type, List<PodFacts> pods, @Nullable SetFacts set, int wanted) {
        var running = facts.status().operation();
        if (set == null
                || running == null
                || !Decision.is(running, type)
                || ClusterNames.ordinal(running.target()) >= Math.min(wanted, set.replicas())) {
            return null;
        }
        var target = pods.stream()
                .filter(pod -> pod.name().equals(running.target()))
                .findFirst()
                .orElse(null);
        if (target != null && (target.ready() || (!target.deleting() && set.isOutdated(target)))) {
            return null;
        }
        return new Decision(
                Decision.operation(facts, type, running.target(), OperationStep.Starting),
                null,
                notBack(running.target(), target));
    }

    private static Obstacle notBack(String name, @Nullable PodFacts pod) {
        if (pod != null && pod.deleting()) {
            return new Obstacle(ClusterReason.NotStopped, name + " does not end");
        }
        var trouble = pod == null ? null : pod.trouble();
        return trouble == null
                ? new Obstacle(ClusterReason.OthersNotReady, name + " is not ready again")
                : new Obstacle(trouble.reason(), name + ": " + trouble.message());
    }

    /// Why a broker that serves may not be stopped now.
    static @Nullable Obstacle brokerObstacle(ClusterFacts facts, BrokerFacts target, int replicas) {
        var notReady = IntStream.range(0, replicas)
                .filter(ordinal -> ordinal != target.ordinal() && !facts.isBrokerReady(ordinal))
                .mapToObj(facts.names()::brokerPod)
                .toList();
        if (!notReady.isEmpty()) {
            return new Obstacle(ClusterReason.OthersNotReady, String.join(", ", notReady) + " not ready");
        }
        if (target.report() == null) {
            return new Obstacle(
                    ClusterReason.StateUnreadable, target.name() + " does not say whether it may be stopped");
        }
        var safe = target.report().info().safeToStop();
        return safe.safe() ? null : new Obstacle(ClusterReason.NotSafeToStop, target.name() + ": " + safe.reason());
    }

    /// The last lookup that knows a broker is never stopped, unless there is only one: all that stay must know every
    /// broker.
    static @Nullable Obstacle lookupObstacle(ClusterFacts facts, IntStream staying) {
        var announced = facts.announced();
        for (int ordinal : staying.toArray()) {
            if (!facts.isLookupReady(ordinal)) {
                return new Obstacle(ClusterReason.OthersNotReady, facts.names().lookupPod(ordinal) + " not ready");
            }
            if (!facts.lookup(ordinal).orElseThrow().knowsAll(announced)) {
                return new Obstacle(
                        ClusterReason.NotRegistered, facts.names().lookupPod(ordinal) + " does not know every broker");
            }
        }
        return null;
    }

    private Decision restart(OperationType type, PodFacts pod, RestartReason why, @Nullable Obstacle obstacle) {
        if (obstacle != null) {
            return new Decision(Decision.operation(facts, type, pod.name(), OperationStep.Waiting), null, obstacle);
        }
        var act = new Disruption.Restart(pod.name(), pod.uid(), type == OperationType.LookupRestart, pod.ready(), why);
        return new Decision(Decision.operation(facts, type, pod.name(), OperationStep.Stopping), act, null);
    }
}
