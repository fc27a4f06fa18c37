package io.waystation.operator.plan;

import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.EventReason;
import io.waystation.operator.api.TopicReason;
import java.util.ArrayList;
import java.util.List;

/// What is worth an event between one status of a Topic or Channel and the next. What brokers took is told when they
/// took it.
public final class DeclarationEvents {
    private DeclarationEvents() {}

    public static List<PlannedEvent> between(List<Condition> before, List<Condition> after) {
        var events = new ArrayList<PlannedEvent>();
        if (!Condition.holds(before, ConditionType.Stalled)) {
            Condition.find(after, ConditionType.Stalled)
                    .ifPresent(stalled -> events.add(event(EventReason.Stalled, stalled)));
        }
        Condition.find(after, ConditionType.Drifted)
                .filter(DeclarationEvents::isFight)
                .filter(drifted -> Condition.find(before, ConditionType.Drifted)
                        .filter(DeclarationEvents::isFight)
                        .isEmpty())
                .ifPresent(drifted -> events.add(event(EventReason.Drifted, drifted)));
        return List.copyOf(events);
    }

    private static boolean isFight(Condition drifted) {
        return drifted.reason().equals(TopicReason.ChangedAgain.name());
    }

    private static PlannedEvent event(EventReason reason, Condition condition) {
        return new PlannedEvent(reason, condition.reason() + ": " + condition.message());
    }
}
