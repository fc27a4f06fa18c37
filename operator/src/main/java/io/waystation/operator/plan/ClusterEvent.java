package io.waystation.operator.plan;

import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.MessageClusterStatus;
import io.waystation.operator.api.OperationStep;
import io.waystation.operator.api.OperationType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is worth an event between one status and the next: acts and changes of mind.
public record ClusterEvent(boolean warning, String reason, String message) {
    private static final List<ConditionType> WARNINGS =
            List.of(ConditionType.Stalled, ConditionType.ScaleDownBlocked, ConditionType.RolloutBlocked);

    /// `cluster` has the status before.
    public static List<ClusterEvent> between(MessageCluster cluster, MessageClusterStatus after) {
        var before = cluster.getStatus() == null ? MessageClusterStatus.NONE : cluster.getStatus();
        var events = new ArrayList<ClusterEvent>();
        var was = drained(before);
        var is = drained(after);
        if (is != null && !is.equals(was)) {
            events.add(new ClusterEvent(
                    false, "DrainStarted", is + " takes no more messages and leaves when it holds none"));
        }
        if (was != null
                && !was.equals(is)
                && ClusterNames.ordinal(was) < cluster.getSpec().brokers().count()) {
            events.add(new ClusterEvent(false, "DrainCancelled", was + " stays"));
        }
        for (var type : WARNINGS) {
            if (!Condition.holds(before.conditionList(), type)) {
                Condition.find(after.conditionList(), type)
                        .ifPresent(condition -> events.add(
                                new ClusterEvent(true, type.name(), condition.reason() + ": " + condition.message())));
            }
        }
        return List.copyOf(events);
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
