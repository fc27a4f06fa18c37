package io.waystation.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the operator found and did.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record TopicStatus(
        @Nullable Long observedGeneration,
        @Nullable List<Condition> conditions,

        @JsonPropertyDescription("Fields that somebody else changed on brokers lately, and that were changed back.")
        @Nullable List<Correction> corrections,

        @JsonPropertyDescription("Identity of the cluster that has the topic.") @Nullable String clusterId,

        @JsonPropertyDescription("Name of the topic.") @Nullable String topic,

        @JsonPropertyDescription("Messages that a deletion would lose, over all brokers; about, and now and then.")
        @Nullable Long unfinished,

        @JsonPropertyDescription("Bytes stored, over all brokers; about, and now and then.") @Nullable Long sizeBytes) {
    public static final TopicStatus NONE = new TopicStatus(null, null, null, null, null, null, null);

    public List<Condition> conditionList() {
        return conditions == null ? List.of() : conditions;
    }
}
