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
        value = "self.topicRef.name == oldSelf.topicRef.name",
        message = "topicRef is immutable: make another Channel",
        fieldPath = ".topicRef.name")
@ValidationRule(
        value = "has(self.name) == has(oldSelf.name) && (!has(self.name) || self.name == oldSelf.name)",
        message = "name is immutable: make another Channel")
@ValidationRule(
        value = "has(self.startFrom) == has(oldSelf.startFrom) && (!has(self.startFrom) || self.startFrom =="
                + " oldSelf.startFrom)",
        message = "startFrom is immutable: it counts only when the channel is made")
public record ChannelSpec(
        @JsonPropertyDescription("The Topic. It may be applied later.") @Required
        LocalReference topicRef,

        @JsonPropertyDescription("Name of the channel in NSQ's grammar. Default: metadata.name.")
        @Pattern("^[.a-zA-Z0-9_-]{1,64}$") @Size(max = 64) @Nullable String name,

        @JsonPropertyDescription("Where a new channel starts. Absent: the first one of a topic at its oldest message,"
                + " later ones at the next message, as in NSQ.")
        @Nullable StartFrom startFrom,

        @JsonPropertyDescription("Whether consumers get no messages. Absent: as it is.") @Nullable Boolean paused,

        @JsonPropertyDescription("What deleting this resource does to the messages.") @Default("Retain") @Nullable DeletionPolicy deletionPolicy) {

    public DeletionPolicy policy() {
        return deletionPolicy == null ? DeletionPolicy.Retain : deletionPolicy;
    }
}
