package io.waystation.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the operator found and did.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record MessageClusterStatus(
        @Nullable Long observedGeneration,
        @Nullable List<Condition> conditions,

        @JsonPropertyDescription("Identity of the cluster, stored on the volume of each broker; set once.") @Nullable String clusterId,

        @JsonPropertyDescription("Number of brokers that exist.") @StatusReplicas @Nullable Integer replicas,

        @Nullable Integer readyReplicas,
        @LabelSelector @Nullable String selector,

        @JsonPropertyDescription("Brokers ready of those asked for.") @Nullable String brokersReady,

        @JsonPropertyDescription("Lookups ready of those asked for.") @Nullable String lookupsReady,

        @JsonPropertyDescription("Version that the brokers report; the lowest while they differ.") @Nullable String version,

        @Nullable List<Broker> brokers,

        @JsonPropertyDescription("What the operator is doing that takes a broker or lookup out of service.") @Nullable Operation operation,

        @JsonPropertyDescription("Settings that count on every broker only after a restart, which comes by itself.")
        @Nullable List<String> pendingRestartKeys,

        @JsonPropertyDescription("Objects that somebody else changed lately, and that were changed back.") @Nullable List<Correction> corrections,

        @JsonPropertyDescription("Where clients connect.") @Nullable List<Endpoint> endpoints) {

    public static final MessageClusterStatus NONE = new MessageClusterStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    public List<Condition> conditionList() {
        return conditions == null ? List.of() : conditions;
    }

    public List<Broker> brokerList() {
        return brokers == null ? List.of() : brokers;
    }

    public MessageClusterStatus with(List<Condition> otherConditions) {
        return new MessageClusterStatus(
                observedGeneration,
                otherConditions,
                clusterId,
                replicas,
                readyReplicas,
                selector,
                brokersReady,
                lookupsReady,
                version,
                brokers,
                operation,
                pendingRestartKeys,
                corrections,
                endpoints);
    }

    /// One broker.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Broker(
            int id,
            String pod,
            @Nullable String podUid,

            @JsonPropertyDescription("Identity of the broker's data, stored on its volume.") @Nullable String volumeId,

            @Nullable String version,

            @JsonPropertyDescription("Ready, NotReady, Unreachable, Cordoned.")
            String state,

            @JsonPropertyDescription("Whether stopping it now would lose or hide nothing, and else why not.") @Nullable SafeToStop safeToStop,

            @Nullable Drain drain) {}

    /// What the broker and the state of the others say to a stop; `reason` is absent when it is safe.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SafeToStop(boolean safe, @Nullable String reason) {}

    /// What a leaving broker still holds, refreshed every ten seconds at most.
    public record Drain(
            @JsonPropertyDescription("Messages that are not finished in every channel.")
            long unfinished,

            long consumers,

            @JsonPropertyDescription("When these numbers were read.")
            String readAt) {}

    /// One disruptive operation. It is written here before it is carried out.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Operation(
            @JsonPropertyDescription("ScaleDown, Restart, LookupScaleDown, LookupRestart.")
            String type,

            @JsonPropertyDescription("Pod that it takes out of service.")
            String target,

            @JsonPropertyDescription("Waiting, Cordoning, Draining, Removing, Stopping, Starting.")
            String step,

            String startedAt,

            @JsonPropertyDescription("From then on a condition says what it waits for.")
            String noticeAt) {}

    /// An address for clients.
    public record Endpoint(String name, String address) {}
}
