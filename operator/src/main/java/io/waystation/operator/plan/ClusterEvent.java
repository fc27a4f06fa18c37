package io.waystation.operator.plan;

import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.MessageClusterStatus;
import java.util.ArrayList;
import java.util.List;

/// What is worth an event between one status and the next: acts and changes of mind.
public record ClusterEvent(boolean warning, String reason, String message) {
    private static final List<ConditionType> WARNINGS =
            List.of(ConditionType.Stalled, ConditionType.ScaleDownBlocked, ConditionType.RolloutBlocked);

    public static List<ClusterEvent> between(MessageClusterStatus before, MessageClusterStatus after) {
        var events = new ArrayList<ClusterEvent>();
        var was = before.operation();
        var is = after.operation();
        if (is != null
                && is.type().equals(DisruptionPlanner.SCALE_DOWN)
                && (was == null || !was.target().equals(is.target()))) {
            events.add(new ClusterEvent(
                    false, "DrainStarted", is.target() + " takes no more messages and leaves when it holds none"));
        }
        if (was != null
                && was.type().equals(DisruptionPlanner.SCALE_DOWN)
                && !was.step().equals("Stopping")) {
            if (is == null || !is.type().equals(DisruptionPlanner.SCALE_DOWN)) {
                events.add(new ClusterEvent(false, "DrainCancelled", was.target() + " stays"));
            }
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
}
