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

        @JsonPropertyDescription("What deleting this resource does to the messages.") @Default("Retain") @Nullable DeletionPolicy deletionPolicy) {

    public DeletionPolicy policy() {
        return deletionPolicy == null ? DeletionPolicy.Retain : deletionPolicy;
    }
}
