package io.waystation.broker.metrics;

import io.waystation.broker.topic.ChannelStats;
import io.waystation.broker.topic.LatencyStats.Percentile;
import io.waystation.broker.topic.TopicStats;
import io.waystation.daemon.metrics.Exposition;
import java.util.List;

/// The end-to-end latencies of a topic or channel as a summary. Percentiles cannot be added up, so rows that are
/// summed have none.
///
/// @param windowCount messages that the percentiles are of
/// @param percentiles none when nothing is measured
/// @param totals whether count and sum are shown
record RowLatency(long windowCount, List<Percentile> percentiles, boolean totals, long count, long sumMs) {
    static final RowLatency NONE = new RowLatency(0, List.of(), false, 0, 0);

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MS_PER_SECOND = 1e3;

    /// A topic's sum would fall with each channel that is deleted, so it has none.
    static RowLatency of(TopicStats topic) {
        return new RowLatency(topic.latency().count(), topic.latency().percentiles(), false, 0, 0);
    }

    static RowLatency of(ChannelStats channel) {
        var latency = channel.latency();
        boolean measured = !latency.percentiles().isEmpty();
        return new RowLatency(
                latency.count(), latency.percentiles(), measured, channel.measuredCount(), channel.measuredMs());
    }

    int seriesCount() {
        return percentiles.size() + (totals ? 2 : 0);
    }

    void write(Exposition page, String... labels) {
        for (var percentile : percentiles) {
            double seconds = windowCount == 0 ? Double.NaN : percentile.valueNs() / NANOS_PER_SECOND;
            page.quantile(percentile.quantile(), seconds, labels);
        }
        if (totals) {
            page.summary(count, sumMs / MS_PER_SECOND, labels);
        }
    }
}
