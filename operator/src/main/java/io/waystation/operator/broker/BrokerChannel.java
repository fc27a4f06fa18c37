package io.waystation.operator.broker;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A channel on one broker.
@JsonIgnoreProperties(ignoreUnknown = true)
public record BrokerChannel(
        String name,
        @Nullable Owner owner,
        boolean paused,
        long depth,
        long inFlight,
        long deferred,
        long consumers,
        @Nullable Map<String, Object> settings) {
    /// Messages that a deletion would lose.
    public long unfinished() {
        return depth + inFlight + deferred;
    }
}
