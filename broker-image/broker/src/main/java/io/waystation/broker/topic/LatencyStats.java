package io.waystation.broker.topic;

import io.waystation.channel.LatencyHistogram;
import java.util.List;

/// How long messages took from their publish to their FIN, over the last window.
///
/// @param percentiles the largest quantile first; none when nothing is measured
public record LatencyStats(long count, List<Percentile> percentiles) {
    static final LatencyStats NONE = new LatencyStats(0, List.of());

    private static final long NANOS_PER_MS = 1_000_000;

    /// One of them.
    ///
    /// @param quantile the share of messages that took no longer than the value
    public record Percentile(double quantile, long valueNs) {}

    static LatencyStats of(List<Double> quantiles, LatencyHistogram histogram) {
        var percentiles = quantiles.stream()
                .map(quantile -> new Percentile(quantile, histogram.quantileMs(quantile) * NANOS_PER_MS))
                .toList();
        return new LatencyStats(histogram.count(), percentiles);
    }
}
