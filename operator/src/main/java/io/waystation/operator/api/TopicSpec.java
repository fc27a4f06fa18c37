package io.waystation.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/// What a user asks for.
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self.clusterRef.name == oldSelf.clusterRef.name",
        message = "clusterRef is immutable: make another Topic",
        fieldPath = ".clusterRef.name")
@ValidationRule(
        value = "has(self.name) == has(oldSelf.name) && (!has(self.name) || self.name == oldSelf.name)",
        message = "name is immutable: make another Topic")
public record TopicSpec(
        @JsonPropertyDescription("The MessageCluster. It may be applied later.") @Required
        LocalReference clusterRef,

        @JsonPropertyDescription("Name of the topic in NSQ's grammar. Default: metadata.name.")
        @Pattern("^[.a-zA-Z0-9_-]{1,64}$") @Size(max = 64) @Nullable String name,

        @JsonPropertyDescription("Whether channels get no messages. Absent: as it is.") @Nullable Boolean paused,

        @JsonPropertyDescription(
                "What an answered publish survives. Absent: as it is, at first as the brokers' flags say.")
        @Nullable Durability durability,

        @JsonPropertyDescription("How long messages are kept. Absent: as it is, at first as the brokers' flags say.")
        @Nullable Retention retention,

        @JsonPropertyDescription("The largest message, for example 256Ki; at most the brokers' setting max-msg-size."
                + " Absent: as it is.")
        @Pattern("^([1-9][0-9]{0,7}|[1-9][0-9]{0,4}(Ki|k)|[1-9][0-9]?(Mi|M))$") @Size(max = 8) @ValidationRule(
                value = "quantity(self).compareTo(quantity('64Mi')) <= 0",
                message = "maxMessageSize must be at most 64Mi, the largest max-msg-size of a broker")
        @Nullable String maxMessageSize,

        @JsonPropertyDescription("How long a key given at publish is remembered, for example 10m, up to 7d; a message"
                + " with the same key is answered and not stored. 0s: not at all. Absent: as it is.")
        @Pattern(Amounts.LENGTH_OR_NONE) @Size(max = 12) @ValidationRule(
                value = "self.endsWith('d') ? int(self.substring(0, size(self) - 1)) <= 7"
                        + " : duration(self) <= duration('168h')",
                message = "deduplicationWindow must be at most 7d")
        @Nullable String deduplicationWindow,

        @JsonPropertyDescription("The longest delay of a publish, for example 30d, up to 3660d. Absent: as it is.")
        @Pattern(Amounts.LENGTH_OR_NONE) @Size(max = 12) @ValidationRule(
                value = "self.endsWith('d') ? int(self.substring(0, size(self) - 1)) <= 3660"
                        + " : duration(self) <= duration('87840h')",
                message = "maxDefer must be at most 3660d")
        @Nullable String maxDefer,

        @JsonPropertyDescription("What deleting this resource does to the messages.") @Default("Retain") @Nullable DeletionPolicy deletionPolicy) {

    public DeletionPolicy policy() {
        return deletionPolicy == null ? DeletionPolicy.Retain : deletionPolicy;
    }
}
