package io.waystation.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/// How long a message waits that comes back by REQ or timeout.
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.min) == has(self.max)",
        message = "min and max belong together: give both, for example min: 1s and max: 5m, or neither")
@ValidationRule(
        value = "!has(self.min) || !has(self.max) || duration(self.min) <= duration(self.max)",
        message = "min must be at most max")
public record RequeueBackoff(
        @JsonPropertyDescription("After the first delivery, for example 1s. 0s: at once. Absent: as it is.")
        @Pattern(Amounts.SHORT_OR_NONE) @Size(max = 12) @Nullable String min,

        @JsonPropertyDescription("At most, for example 5m, up to 298h. Absent: as it is.")
        @Pattern(Amounts.SHORT_OR_NONE) @Size(max = 12) @ValidationRule(value = Amounts.AT_MOST_298_HOURS, message = "max must be at most 298h")
        @Nullable String max,

        @JsonPropertyDescription("How much longer after each further delivery, 1 to 100. Absent: as it is.")
        @Min(1) @Max(100) @Nullable Double factor) {}
