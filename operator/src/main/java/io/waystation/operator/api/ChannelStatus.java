package io.waystation.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the operator found and did. The numbers are sums over all brokers, about, and now and then.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ChannelStatus(
        @Nullable Long observedGeneration,
        @Nullable List<Condition> conditions,

        @JsonPropertyDescription("Fields that somebody else changed on brokers lately, and that were changed back.")
        @Nullable List<Correction> corrections,

        @Nullable String clusterId,

        @JsonPropertyDescription("Name of the MessageCluster.") @Nullable String cluster,

        @JsonPropertyDescription("Name of the topic.") @Nullable String topic,

        @JsonPropertyDescription("Name of the channel.") @Nullable String channel,

        @JsonPropertyDescription("Messages that wait.") @Nullable Long depth,

        @JsonPropertyDescription("Messages that consumers hold.") @Nullable Long inFlight,

        @Nullable Long deferred,
        @Nullable Long consumers) {
    public static final ChannelStatus NONE =
            new ChannelStatus(null, null, null, null, null, null, null, null, null, null, null);

    public List<Condition> conditionList() {
        return conditions == null ? List.of() : conditions;
    }
}
