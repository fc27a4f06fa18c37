package io.waystation.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
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
@ValidationRule(
        value = "!has(self.deadLetterTopic) || self.deadLetterTopic != self.topicRef.name",
        message = "deadLetterTopic must be another topic than the channel's own: there a message would be given up"
                + " again and again",
        fieldPath = ".deadLetterTopic")
public record ChannelSpec(
        @JsonPropertyDescription("The Topic. It may be applied later.") @Required
        LocalReference topicRef,

        @JsonPropertyDescription("Name of the channel in NSQ's grammar. Default: metadata.name.")
        @Pattern("^[.a-zA-Z0-9_-]{1,64}$") @Size(max = 64) @Nullable String name,

        @JsonPropertyDescription("Where a new channel starts. Absent: the first one of a topic at its oldest message,"
                + " later ones at the next message, as in NSQ.")
        @Nullable StartFrom startFrom,

        @JsonPropertyDescription("Whether consumers get no messages. Absent: as it is.") @Nullable Boolean paused,

        @JsonPropertyDescription("Which consumer gets which message. Shared: whoever has room. Exclusive: one gets all,"
                + " in order. KeyShared: one gets all of a key, in order. Absent: as it is, at first Shared.")
        @Nullable Delivery delivery,

        @JsonPropertyDescription("How long a consumer may take for a message, for example 60s; at most the brokers'"
                + " setting max-msg-timeout. 0s: as the brokers' setting msg-timeout says. Absent: as it is.")
        @Pattern(Amounts.SHORT_OR_NONE) @Size(max = 12) @ValidationRule(value = Amounts.AT_MOST_298_HOURS, message = "messageTimeout must be at most 298h")
        @Nullable String messageTimeout,

        @JsonPropertyDescription("A message that was delivered so often and comes back is given up: it goes to"
                + " deadLetterTopic, or is dropped when there is none. 0: no limit. Absent: as it is.")
        @Min(0) @Max(65535) @Nullable Integer maxAttempts,

        @JsonPropertyDescription("Name of the topic, not of a Topic, for messages that are given up because of"
                + " maxAttempts or timeToLive. '': none, they are dropped. Absent: as it is.")
        @Pattern("^[.a-zA-Z0-9_-]{0,64}$") @Size(max = 64) @Nullable String deadLetterTopic,

        @JsonPropertyDescription("A message that is older is given up, for example 30d. 0s: none is. Absent: as it is.")
        @Pattern(Amounts.LENGTH_OR_NONE) @Size(max = 12) @Nullable String timeToLive,

        @JsonPropertyDescription("How long a message waits that comes back by REQ or timeout. Absent: as it is.")
        @Nullable RequeueBackoff requeueBackoff,

        @JsonPropertyDescription("What deleting this resource does to the messages.") @Default("Retain") @Nullable DeletionPolicy deletionPolicy) {

    public DeletionPolicy policy() {
        return deletionPolicy == null ? DeletionPolicy.Retain : deletionPolicy;
    }
}
