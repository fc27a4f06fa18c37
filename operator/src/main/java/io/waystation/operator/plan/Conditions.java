package io.waystation.operator.plan;

import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Builds the conditions of one status from the previous ones: the time of the last transition moves only with the
/// status, and what is not set is absent. Confined to the pass that makes it.
final class Conditions {
    private final List<Condition> previous;
    private final long generation;
    private final Instant now;
    private final List<Condition> conditions = new ArrayList<>();

    Conditions(List<Condition> previous, long generation, Instant now) {
        this.previous = previous;
        this.generation = generation;
        this.now = now;
    }

    void set(ConditionType type, String status, Enum<?> reason, String message) {
        var before = Condition.find(previous, type).orElse(null);
        var since = before != null && before.status().equals(status) && before.lastTransitionTime() != null
                ? before.lastTransitionTime()
                : Times.text(now);
        conditions.add(new Condition(type.name(), status, reason.name(), message, since, generation));
    }

    void set(ConditionType type, boolean status, Enum<?> reason, String message) {
        set(type, status ? "True" : "False", reason, message);
    }

    /// Keeps what was said before, and adds that nobody looks at it.
    void pause(Enum<?> reason) {
        for (var condition : previous) {
            if (!condition.type().equals(ConditionType.Paused.name())) {
                conditions.add(condition);
            }
        }
        if (Condition.find(previous, ConditionType.Ready).isEmpty()) {
            set(ConditionType.Ready, "Unknown", reason, "nobody has looked at it yet");
        }
        set(ConditionType.Paused, true, reason, Pause.MESSAGE);
    }

    /// In the order of the types.
    List<Condition> list() {
        return conditions.stream()
                .sorted(Comparator.comparing(condition -> ConditionType.valueOf(condition.type())))
                .toList();
    }
}
