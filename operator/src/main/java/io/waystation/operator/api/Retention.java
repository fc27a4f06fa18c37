package io.waystation.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/// How long a topic's messages are kept.
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self.policy != 'Bounded' || has(self.time) || has(self.size)",
        message = "policy Bounded needs a bound: time, for example 7d, or size, for example 10Gi, or both")
@ValidationRule(
        value = "self.policy != 'Consumed' || !(has(self.time) || has(self.size))",
        message = "time and size are for policy Bounded: leave them out with Consumed, or set policy to Bounded")
public record Retention(
        @JsonPropertyDescription("Consumed: until every channel is past them. Bounded: as long as time and size allow,"
                + " finished or not.")
        @Required
        RetentionPolicy policy,

        @JsonPropertyDescription("Age at which messages go, for example 12h or 7d. Absent: no bound.")
        @Pattern(Amounts.LENGTH) @Size(max = 12) @Nullable String time,

        @JsonPropertyDescription(
                "Size on each broker from which the oldest messages go, for example 10Gi. Absent: no bound.")
        @Pattern("^([1-9][0-9]{0,14}|[1-9][0-9]{0,5}(Ki|Mi|Gi|Ti|k|M|G|T))$") @Size(max = 15) @Nullable String size) {}
