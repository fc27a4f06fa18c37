package io.waystation.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A condition as in `metav1.Condition`.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
        String type,
        String status,
        String reason,
        String message,
        @Nullable String lastTransitionTime,
        @Nullable Long observedGeneration) {
    public static final int MESSAGE_CHARS = 1024;

    public Condition {
        message = message.length() <= MESSAGE_CHARS ? message : message.substring(0, MESSAGE_CHARS - 1) + "…";
    }

    public boolean holds() {
        return status.equals("True");
    }

    public static Optional<Condition> find(List<Condition> conditions, ConditionType type) {
        return conditions.stream()
                .filter(condition -> condition.type().equals(type.name()))
                .findFirst();
    }

    public static boolean holds(List<Condition> conditions, ConditionType type) {
        return find(conditions, type).map(Condition::holds).orElse(false);
    }
}
