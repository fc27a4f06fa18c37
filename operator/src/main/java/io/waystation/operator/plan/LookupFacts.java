package io.waystation.operator.plan;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a decision needs to know of a lookup: its pod, and the brokers that it knows by the names that they announce,
/// null when it did not answer.
public record LookupFacts(PodFacts pod, @Nullable Set<String> knows) {
    String name() {
        return pod.name();
    }

    int ordinal() {
        return pod.ordinal();
    }

    boolean knowsAll(List<String> announced) {
        return knows != null && knows.containsAll(announced);
    }
}
