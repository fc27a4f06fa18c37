package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.EventReason;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.MessageClusterStatus;
import io.waystation.operator.api.OperationStep;
import io.waystation.operator.api.OperationType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is worth an event between one status of a cluster and the next.
public final class ClusterEvents {
    private static final Map<ConditionType, EventReason> WARNINGS = new EnumMap<>(Map.of(
            ConditionType.Stalled, EventReason.Stalled,
            ConditionType.Drifted, EventReason.Drifted,
            ConditionType.ScaleDownBlocked, EventReason.ScaleDownBlocked,
            ConditionType.RolloutBlocked, EventReason.RolloutBlocked));

    private ClusterEvents() {}

    /// `cluster` has the status before.
    public static List<PlannedEvent> between(MessageCluster cluster, MessageClusterStatus after) {
        var before = cluster.getStatus() == null ? MessageClusterStatus.NONE : cluster.getStatus();
        var events = new ArrayList<PlannedEvent>();
        var was = drained(before);
        var is = drained(after);
        if (is != null && !is.equals(was)) {
            events.add(new PlannedEvent(
                    EventReason.DrainStarted, is + " takes no more messages and leaves when it holds none"));
        }
        if (was != null
                && !was.equals(is)
                && ClusterNames.ordinal(was) < cluster.getSpec().brokers().count()) {
            events.add(new PlannedEvent(EventReason.DrainCancelled, was + " stays"));
        }
        WARNINGS.forEach((type, reason) -> {
            if (!Condition.holds(before.conditionList(), type)) {
                Condition.find(after.conditionList(), type)
                        .ifPresent(condition ->
                                events.add(new PlannedEvent(reason, condition.reason() + ": " + condition.message())));
            }
        });
        return List.copyOf(events);
    }

    /// That an object was applied although the spec had been carried out: it was not the user who wanted it otherwise.
    /// `cluster` has the status before.
    public static Optional<PlannedEvent> correction(MessageCluster cluster, HasMetadata object) {
        var before = cluster.getStatus() == null ? MessageClusterStatus.NONE : cluster.getStatus();
        boolean carriedOut = Objects.equals(
                        before.observedGeneration(), cluster.getMetadata().getGeneration())
                && Condition.find(before.conditionList(), ConditionType.Ready).isPresent()
                && Condition.find(before.conditionList(), ConditionType.Reconciling)
                        .isEmpty()
                && Condition.find(before.conditionList(), ConditionType.Stalled).isEmpty();
        return carriedOut
                ? Optional.of(new PlannedEvent(
                        EventReason.Corrected,
                        object.getKind() + " " + object.getMetadata().getName() + " is again as the spec says"))
                : Optional.empty();
    }

    /// The broker that is being drained.
    private static @Nullable String drained(MessageClusterStatus status) {
        var operation = status.operation();
        return operation != null
                        && Decision.is(operation, OperationType.ScaleDown)
                        && !operation.step().equals(OperationStep.Stopping.name())
                ? operation.target()
                : null;
    }
}
