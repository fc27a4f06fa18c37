package io.waystation.operator.broker;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A topic on one broker.
@JsonIgnoreProperties(ignoreUnknown = true)
public record BrokerTopic(
        String name,
        @Nullable Owner owner,
        boolean paused,
        long unfinished,
        long sizeBytes,
        @Nullable Map<String, Object> settings,
        @Nullable List<BrokerChannel> channels) {
    public Optional<BrokerChannel> channel(String channelName) {
        return channels == null
                ? Optional.empty()
                : channels.stream()
                        .filter(channel -> channel.name().equals(channelName))
                        .findFirst();
    }
}
