package io.waystation.operator.broker;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.jspecify.annotations.Nullable;

/// What a broker says about itself.
@JsonIgnoreProperties(ignoreUnknown = true)
public record BrokerState(
        String version, @Nullable String clusterId, String volumeId, boolean cordoned, SafeToStop safeToStop) {

    /// Whether stopping it now would lose or hide nothing, and else why not.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SafeToStop(boolean safe, String reason) {}
}
