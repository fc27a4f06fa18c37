package io.waystation.operator.plan;

import io.waystation.operator.api.ClusterReason;
import io.waystation.operator.api.MessageClusterStatus.Operation;
import io.waystation.operator.api.OperationStep;
import io.waystation.operator.api.OperationType;
import org.jspecify.annotations.Nullable;

/// The operation that runs, the act that it comes to now, and what it waits for. The act is for a pass that found the
/// same operation and step written in the status.
record Decision(
        @Nullable Operation operation,
        @Nullable Disruption act,
        @Nullable Obstacle obstacle) {
    static final Decision NOTHING = new Decision(null, null, null);

    /// Why an operation waits.
    record Obstacle(ClusterReason reason, String message) {}

    /// An operation goes on from one step to the next; its notice time counts from the beginning of a step, since each
    /// is progress.
    static Operation operation(ClusterFacts facts, OperationType type, String target, OperationStep step) {
        var running = facts.status().operation();
        var startedAt = Times.text(facts.now());
        var noticeAt = Times.text(facts.now().plus(facts.notice()));
        if (running != null && is(running, type) && running.target().equals(target)) {
            startedAt = running.startedAt();
            noticeAt = running.step().equals(step.name()) ? running.noticeAt() : noticeAt;
        }
        return new Operation(type.name(), target, step.name(), startedAt, noticeAt);
    }

    static boolean is(@Nullable Operation operation, OperationType type) {
        return operation != null && operation.type().equals(type.name());
    }

    boolean isScaleDown() {
        return is(operation, OperationType.ScaleDown) || is(operation, OperationType.LookupScaleDown);
    }

    /// The broker that is on its way out.
    @Nullable String leaving() {
        return operation != null && is(operation, OperationType.ScaleDown) ? operation.target() : null;
    }

    /// The broker that we have stopped and that is awaited again.
    @Nullable String restarting() {
        return operation != null
                        && is(operation, OperationType.Restart)
                        && operation.step().equals(OperationStep.Starting.name())
                ? operation.target()
                : null;
    }
}
