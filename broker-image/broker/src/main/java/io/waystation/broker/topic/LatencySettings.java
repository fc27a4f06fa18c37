package io.waystation.broker.topic;

import io.waystation.channel.LatencyHistogram;
import io.waystation.channel.ProcessingLatency;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which end-to-end processing latencies are shown.
///
/// @param quantiles each above 0 and up to 1, the largest first; none: nothing is measured
/// @param windowMs how far back they look
public record LatencySettings(List<Double> quantiles, long windowMs) {
    /// Nothing is measured.
    public static final LatencySettings OFF = new LatencySettings(List.of(), 0);

    LatencyStats stats(LatencyHistogram histogram) {
        return LatencyStats.of(quantiles, histogram);
    }

    @Nullable ProcessingLatency measure(long nowMs) {
        return quantiles.isEmpty() ? null : new ProcessingLatency(windowMs, nowMs);
    }
}
