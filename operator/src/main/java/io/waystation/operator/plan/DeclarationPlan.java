package io.waystation.operator.plan;

import io.waystation.operator.api.Condition;
import io.waystation.operator.api.Correction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a pass over a Topic or Channel does on brokers, one after the other, and what its status says and remembers if
/// nothing is left to do.
public record DeclarationPlan(
        List<Step> steps, List<Condition> conditions, List<Correction> corrections, boolean settled) {

    /// A call to one broker.
    public sealed interface Step {
        String pod();

        String address();

        /// Make it, or change what differs; `expectedOwnerUid` is a recorded owner that does not exist any more, and
        /// `event` is what is to be told once the broker has taken it. `corrected` are the fields that someone
        /// else had changed.
        record Declare(
                String pod,
                String address,
                @Nullable String expectedOwnerUid,
                @Nullable PlannedEvent event,
                List<String> corrected)
                implements Step {}

        /// Give up what is recorded as ours: another resource came first.
        record Release(String pod, String address) implements Step {}
    }
}
