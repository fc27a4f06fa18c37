package io.waystation.operator.plan;

import io.waystation.operator.api.ClusterReason;
import io.waystation.operator.api.OperationStep;
import io.waystation.operator.api.OperationType;
import io.waystation.operator.plan.Decision.Obstacle;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Decides which broker or lookup that is too many leaves next, how far that is, and what it waits for.
final class ScaleDownPlanner {
    private final ClusterFacts facts;
    private final String settingsHash;

    ScaleDownPlanner(ClusterFacts facts, String settingsHash) {
        this.facts = facts;
        this.settingsHash = settingsHash;
    }

    @Nullable Decision lookups() {
        var set = facts.lookupSet();
        if (set == null) {
            return null;
        }
        var pods = facts.lookups().stream().map(LookupFacts::pod).toList();
        var stopping = stopping(OperationType.LookupScaleDown, pods, set);
        if (stopping != null || set.replicas() <= facts.wantedLookups()) {
            return stopping;
        }
        var target = facts.names().lookupPod(set.replicas() - 1);
        var obstacle = RestartPlanner.lookupObstacle(facts, IntStream.range(0, facts.wantedLookups()));
        if (obstacle != null) {
            return step(OperationType.LookupScaleDown, target, OperationStep.Waiting, null, obstacle);
        }
        var lowered = new LookupObjects(facts.cluster(), facts.image()).set(set.replicas() - 1);
        var act = new Disruption.LowerLookups(target, set.replicas(), lowered);
        return step(OperationType.LookupScaleDown, target, OperationStep.Removing, act, null);
    }

    @Nullable Decision brokers() {
        var set = facts.brokerSet();
        if (set == null) {
            return null;
        }
        var pods = facts.brokers().stream().map(BrokerFacts::pod).toList();
        var stopping = stopping(OperationType.ScaleDown, pods, set);
        if (stopping != null || set.replicas() <= facts.wantedBrokers()) {
            return stopping;
        }
        int ordinal = set.replicas() - 1;
        var target = facts.names().brokerPod(ordinal);
        var broker = facts.broker(ordinal).orElse(null);
        if (broker == null || broker.report() == null) {
            return facts.withoutVolume().contains(ordinal)
                    ? remove(target, set)
                    : step(
                            OperationType.ScaleDown,
                            target,
                            OperationStep.Draining,
                            null,
                            new Obstacle(
                                    ClusterReason.DrainUnreadable,
                                    target + " does not answer, so nobody knows what it still holds"));
        }
        var drain = broker.report().drain();
        var shown = BrokerStatuses.drain(facts, broker);
        if (drain == null || shown == null) {
            var obstacle = new Obstacle(ClusterReason.NotCordoned, target + " still takes messages");
            return step(OperationType.ScaleDown, target, OperationStep.Cordoning, null, obstacle);
        }
        return drain.unfinished() == 0
                ? remove(target, set)
                : step(
                        OperationType.ScaleDown,
                        target,
                        OperationStep.Draining,
                        null,
                        new Obstacle(ClusterReason.MessagesLeft, messagesLeft(target, shown.unfinished())));
    }

    /// A pod that its set does not count any more is on its way out.
    private @Nullable Decision stopping(OperationType type, List<PodFacts> pods, SetFacts set) {
        for (var pod : pods) {
            if (pod.ordinal() >= set.replicas()) {
                var obstacle = new Obstacle(ClusterReason.NotStopped, pod.name() + " does not end");
                return step(type, pod.name(), OperationStep.Stopping, null, obstacle);
            }
        }
        return null;
    }

    private Decision remove(String target, SetFacts set) {
        var lowered = new BrokerObjects(facts.cluster(), facts.image())
                .set(set.replicas() - 1, settingsHash, facts.claimSize());
        var act = new Disruption.LowerBrokers(target, set.replicas(), lowered);
        return step(OperationType.ScaleDown, target, OperationStep.Removing, act, null);
    }

    private Decision step(
            OperationType type,
            String target,
            OperationStep step,
            @Nullable Disruption act,
            @Nullable Obstacle obstacle) {
        return new Decision(Decision.operation(facts, type, target, step), act, obstacle);
    }

    private static String messagesLeft(String pod, long unfinished) {
        return pod + " still holds " + rounded(unfinished) + (unfinished == 1 ? " message" : " messages")
                + " that a channel has not finished; it leaves when there are none."
                + " Raise spec.brokers.replicas again to cancel";
    }

    /// Two digits are enough to see that it falls.
    private static String rounded(long count) {
        if (count < 100) {
            return Long.toString(count);
        }
        long unit = 1;
        while (count / unit >= 100) {
            unit *= 10;
        }
        return "about " + count / unit * unit;
    }
}
