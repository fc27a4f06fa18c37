package io.waystation.broker.metrics;

import java.util.List;

/// The figures of one topic or channel, in the order of its metrics. The arrays are not changed once it is made.
final class Row {
    private final List<String> labels;
    private final long[] counters;
    private final long[] gauges;

    /// @param labels the values of its labels, which tell it from others
    Row(List<String> labels, long[] counters, long[] gauges) {
        this.labels = labels;
        this.counters = counters;
        this.gauges = gauges;
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

    int seriesCount() {
        return counters.length + gauges.length;
    }
}
