package io.waystation.operator.plan;

import io.waystation.operator.api.ClusterReason;
import io.waystation.operator.api.MessageClusterStatus.Operation;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Chooses the one act of a cluster that may come next and takes something out of service.
///
/// 1. A pod that is not ready and comes from an older template is restarted, whatever else goes on: it serves nobody.
/// 2. A scale-down of brokers that has begun goes on, unless the number was raised again.
/// 3. Pods from an older template are restarted, lookups first, one at a time, the highest ordinal first, each only
/// while all
///    others are ready.
/// 4. Lookups, then brokers, that are too many leave, one at a time, the highest ordinal first; a broker only when it
/// is cordoned
///    and empty.
///
/// Nothing here runs out: what cannot be done yet waits, and says for what.
final class DisruptionPlanner {
    static final String SCALE_DOWN = "ScaleDown";
    static final String RESTART = "Restart";
    static final String LOOKUP_SCALE_DOWN = "LookupScaleDown";
    static final String LOOKUP_RESTART = "LookupRestart";

    private final ClusterFacts facts;
    private final String settingsHash;

    DisruptionPlanner(ClusterFacts facts, String settingsHash) {
        this.facts = facts;
        this.settingsHash = settingsHash;
    }

    /// The operation that runs, the act that it comes to now, and what it waits for. The act is for a pass that found
    /// the
    /// same operation and step written in the status.
    record Decision(
            @Nullable Operation operation,
            @Nullable Disruption act,
            @Nullable Obstacle obstacle) {
        static final Decision NOTHING = new Decision(null, null, null);
    }

    /// Why an operation waits.
    record Obstacle(ClusterReason reason, String message) {}

    Decision decide() {
        var repair = repair();
        if (repair != null) {
            return repair;
        }
        var running = facts.status().operation();
        if (running != null && running.type().equals(SCALE_DOWN)) {
            var scaleDown = scaleDown();
            if (scaleDown != null) {
                return scaleDown;
            }
        }
        return Objects.requireNonNullElse(
                firstOf(lookupRestart(), brokerRestart(), lookupScaleDown(), scaleDown()), Decision.NOTHING);
    }

    private static @Nullable Decision firstOf(@Nullable Decision... decisions) {
        for (var decision : decisions) {
            if (decision != null) {
                return decision;
            }
        }
        return null;
    }

    private @Nullable Decision repair() {
        for (var lookup : facts.lookups()) {
            if (isBroken(lookup.pod(), facts.lookupSet())) {
                return restart(LOOKUP_RESTART, lookup.pod(), null);
            }
        }
        for (var broker : facts.brokers()) {
            if (isBroken(broker.pod(), facts.brokerSet())) {
                return restart(RESTART, broker.pod(), null);
            }
        }
        return null;
    }

    private static boolean isBroken(PodFacts pod, @Nullable SetFacts set) {
        return set != null && set.isOutdated(pod) && !pod.ready() && !pod.deleting();
    }

    private @Nullable Decision lookupRestart() {
        var set = facts.lookupSet();
        if (set == null) {
            return null;
        }
        var unfinished = unfinishedRestart(
                LOOKUP_RESTART, facts.lookups().stream().map(LookupFacts::pod).toList(), set);
        if (unfinished != null) {
            return unfinished;
        }
        for (var lookup : facts.lookups().reversed()) {
            if (set.isOutdated(lookup.pod())) {
                return restart(LOOKUP_RESTART, lookup.pod(), lookupObstacle(lookup, set.replicas()));
            }
        }
        return null;
    }

    private @Nullable Decision brokerRestart() {
        var set = facts.brokerSet();
        if (set == null) {
            return null;
        }
        var unfinished = unfinishedRestart(
                RESTART, facts.brokers().stream().map(BrokerFacts::pod).toList(), set);
        if (unfinished != null) {
            return unfinished;
        }
        for (var broker : facts.brokers().reversed()) {
            if (set.isOutdated(broker.pod()) || hasStaleSetting(broker)) {
                return restart(RESTART, broker.pod(), brokerObstacle(broker, set.replicas()));
            }
        }
        return null;
    }

    /// A setting that was taken out of the spec goes back to its default when the broker starts again, and only then.
    private boolean hasStaleSetting(BrokerFacts broker) {
        return broker.pod().ready()
                && broker.report() != null
                && facts.refusal() == null
                && broker.report().settings().stream()
                        .anyMatch(setting -> BrokerSettings.isDynamic(setting.name())
                                && (setting.origin().equals("file")
                                        || setting.origin().equals("api"))
                                && !facts.spec().brokers().sortedSettings().containsKey(setting.name()));
    }

    /// A restart that has begun is over when the pod is ready again.
    private @Nullable Decision unfinishedRestart(String type, List<PodFacts> pods, SetFacts set) {
        var running = facts.status().operation();
        if (running == null
                || !running.type().equals(type)
                || ClusterNames.ordinal(running.target()) >= set.replicas()) {
            return null;
        }
        var target =
                pods.stream().filter(pod -> pod.name().equals(running.target())).findFirst();
        boolean back = target.isPresent() && target.get().ready();
        if (back || (target.isPresent() && !target.get().deleting() && set.isOutdated(target.get()))) {
            return null;
        }
        var trouble = target.map(PodFacts::trouble).orElse(null);
        var obstacle = trouble == null
                ? new Obstacle(ClusterReason.OthersNotReady, running.target() + " is not ready again")
                : new Obstacle(trouble.reason(), running.target() + ": " + trouble.message());
        return new Decision(operation(type, running.target(), "Starting"), null, obstacle);
    }

    private @Nullable Obstacle brokerObstacle(BrokerFacts target, int replicas) {
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

    /// The last lookup that knows a broker is never stopped, unless there is only one.
    private @Nullable Obstacle lookupObstacle(LookupFacts target, int replicas) {
        var announced = facts.brokers().stream()
                .filter(broker -> broker.pod().ready())
                .map(broker -> facts.names().brokerHost(broker.ordinal()))
                .toList();
        for (int ordinal = 0; ordinal < replicas; ordinal++) {
            if (ordinal == target.pod().ordinal()) {
                continue;
            }
            var other = facts.lookup(ordinal).orElse(null);
            if (other == null || !other.pod().ready()) {
                return new Obstacle(ClusterReason.OthersNotReady, facts.names().lookupPod(ordinal) + " not ready");
            }
            if (other.knows() == null || !other.knows().containsAll(announced)) {
                return new Obstacle(ClusterReason.NotRegistered, other.name() + " does not know every broker");
            }
        }
        return null;
    }

    private Decision restart(String type, PodFacts pod, @Nullable Obstacle obstacle) {
        if (obstacle != null) {
            return new Decision(operation(type, pod.name(), "Waiting"), null, obstacle);
        }
        var act = new Disruption.Restart(
                pod.name(),
                pod.uid(),
                type.equals(LOOKUP_RESTART),
                pod.ready(),
                pod.ready() ? "its settings or template changed" : "it is not ready, and its template changed");
        return new Decision(operation(type, pod.name(), "Stopping"), act, null);
    }

    private @Nullable Decision lookupScaleDown() {
        var set = facts.lookupSet();
        if (set == null) {
            return null;
        }
        var leaving = facts.lookups().stream()
                .filter(lookup -> lookup.pod().ordinal() >= set.replicas())
                .findFirst();
        if (leaving.isPresent()) {
            return new Decision(operation(LOOKUP_SCALE_DOWN, leaving.get().name(), "Stopping"), null, null);
        }
        if (set.replicas() <= facts.wantedLookups()) {
            return null;
        }
        var target = facts.names().lookupPod(set.replicas() - 1);
        for (int ordinal = 0; ordinal < facts.wantedLookups(); ordinal++) {
            if (!facts.isLookupReady(ordinal)) {
                return new Decision(
                        operation(LOOKUP_SCALE_DOWN, target, "Waiting"),
                        null,
                        new Obstacle(ClusterReason.OthersNotReady, facts.names().lookupPod(ordinal) + " not ready"));
            }
        }
        var lowered = new LookupObjects(facts.cluster(), facts.image()).set(set.replicas() - 1);
        return new Decision(
                operation(LOOKUP_SCALE_DOWN, target, "Removing"),
                new Disruption.LowerLookups(target, set.replicas(), lowered),
                null);
    }

    private @Nullable Decision scaleDown() {
        var set = facts.brokerSet();
        if (set == null) {
            return null;
        }
        var leaving = facts.brokers().stream()
                .filter(broker -> broker.ordinal() >= set.replicas())
                .min(Comparator.comparingInt(BrokerFacts::ordinal));
        if (leaving.isPresent()) {
            return new Decision(operation(SCALE_DOWN, leaving.get().name(), "Stopping"), null, null);
        }
        if (set.replicas() <= facts.wantedBrokers()) {
            return null;
        }
        int ordinal = set.replicas() - 1;
        var target = facts.names().brokerPod(ordinal);
        var lowered = new BrokerObjects(facts.cluster(), facts.image()).set(set.replicas() - 1, settingsHash);
        var remove = new Decision(
                operation(SCALE_DOWN, target, "Removing"),
                new Disruption.LowerBrokers(target, set.replicas(), lowered),
                null);
        var broker = facts.broker(ordinal).orElse(null);
        if (facts.withoutVolume().contains(ordinal)) {
            return remove;
        }
        if (broker == null || broker.report() == null) {
            return new Decision(
                    operation(SCALE_DOWN, target, "Draining"),
                    null,
                    new Obstacle(
                            ClusterReason.DrainUnreadable,
                            target + " does not answer, so nobody knows what it still holds"));
        }
        var drain = broker.report().drain();
        if (drain == null || !drain.cordoned()) {
            return new Decision(operation(SCALE_DOWN, target, "Cordoning"), null, null);
        }
        return drain.unfinished() == 0
                ? remove
                : new Decision(
                        operation(SCALE_DOWN, target, "Draining"),
                        null,
                        new Obstacle(ClusterReason.MessagesLeft, target));
    }

    private Operation operation(String type, String target, String step) {
        var running = facts.status().operation();
        if (running != null && running.type().equals(type) && running.target().equals(target)) {
            return new Operation(type, target, step, running.startedAt(), running.noticeAt());
        }
        return new Operation(
                type,
                target,
                step,
                Times.text(facts.now()),
                Times.text(facts.now().plus(facts.notice())));
    }
}
