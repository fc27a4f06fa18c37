package io.waystation.broker.metrics;

import java.util.List;

/// The figures of one topic or channel, in the order of its metrics, and its latencies. The arrays are not changed
/// once it is made.
final class Row {
    private final List<String> labels;
    private final long[] counters;
    private final long[] gauges;
    private final RowLatency latency;

    /// @param labels the values of its labels, which tell it from others
    Row(List<String> labels, long[] counters, long[] gauges, RowLatency latency) {
        this.labels = labels;
        this.counters = counters;
        this.gauges = gauges;
        this.latency = latency;
    }

    List<String> labels() {
        return labels;
    }

    long[] counters() {
        return counters;
    }

    long[] gauges() {
        return gauges;
    }

    RowLatency latency() {
        return latency;
    }

    Row withoutLatency() {
        return new Row(labels, counters, gauges, RowLatency.NONE);
    }

    int seriesCount() {
        return counters.length + gauges.length + latency.seriesCount();
    }
}
