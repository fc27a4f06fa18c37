package io.waystation.operator.plan;

import io.waystation.operator.api.MessageClusterStatus;
import java.util.Objects;

/// How Flux, Helm and kpt read a status: the first that applies, with the conditions in the order of the list.
enum Kstatus {
    IN_PROGRESS,
    FAILED,
    CURRENT;

    static Kstatus of(MessageClusterStatus status, long generation) {
        if (status.observedGeneration() != null && !Objects.equals(status.observedGeneration(), generation)) {
            return IN_PROGRESS;
        }
        for (var condition : status.conditionList()) {
            if (condition.type().equals("Reconciling") && condition.holds()) {
                return IN_PROGRESS;
            }
            if (condition.type().equals("Stalled") && condition.holds()) {
                return FAILED;
            }
        }
        for (var condition : status.conditionList()) {
            if (condition.type().equals("Ready")) {
                return condition.holds() ? CURRENT : IN_PROGRESS;
            }
        }
        return CURRENT;
    }
}
