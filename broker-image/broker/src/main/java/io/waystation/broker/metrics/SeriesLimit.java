package io.waystation.broker.metrics;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Keeps the number of series of topics and channels bounded. Whoever comes first has series of its own until it is
/// deleted; who finds no room is summed under labels that no topic can bear. Confined to one thread at a time.
///
/// Counters of the sum never fall, whoever joins or leaves it: it adds up by how much each grew between two looks.
final class SeriesLimit {
    /// In place of each label of those that are summed. Not a name that NSQ allows.
    static final String OTHER = "(other)";

    private final int maxSeries;
    private int series;

    SeriesLimit(int maxSeries) {
        this.maxSeries = maxSeries;
    }

    /// The rows of one kind, all with the same metrics.
    final class Rows {
        /// How many series each of those has that have their own.
        private final Map<List<String>, Integer> shown = new HashMap<>();
        /// Counters of the summed ones when they were last looked at.
        private final Map<List<String>, long[]> summed = new HashMap<>();
        private final List<String> otherLabels;
        private final long[] otherCounters;
        private final int gaugeCount;

        Rows(int labelCount, int counterCount, int gaugeCount) {
            this.otherLabels = Collections.nCopies(labelCount, OTHER);
            this.otherCounters = new long[counterCount];
            this.gaugeCount = gaugeCount;
        }

        /// How many are summed.
        int summedCount() {
            return summed.size();
        }

        /// What to show of all that are there now.
        List<Row> limit(List<Row> all) {
            forget(all);
            var rows = new ArrayList<Row>();
            var otherGauges = new long[gaugeCount];
            for (var row : all) {
                var shownRow = shown(row);
                if (shownRow == null) {
                    sum(row, otherGauges);
                } else {
                    rows.add(shownRow);
                }
            }
            if (!summed.isEmpty()) {
                rows.add(new Row(otherLabels, otherCounters.clone(), otherGauges, RowLatency.NONE));
            }
            return rows;
        }

        private void forget(List<Row> all) {
            var present = new HashSet<List<String>>();
            for (var row : all) {
                present.add(row.labels());
            }
            shown.forEach((labels, seriesCount) -> series -= present.contains(labels) ? 0 : seriesCount);
            shown.keySet().retainAll(present);
            summed.keySet().retainAll(present);
        }

        /// What is shown of the row; null when there is no room for it.
        private @Nullable Row shown(Row row) {
            int already = shown.getOrDefault(row.labels(), 0);
            int more = row.seriesCount() - already;
            if (more <= 0) {
                return row;
            }
            if (series + more > maxSeries) {
                // A topic has no latencies before its first channel, and by then there may be no room left for them.
                return already == 0 ? null : row.withoutLatency();
            }
            series += more;
            shown.put(row.labels(), row.seriesCount());
            summed.remove(row.labels());
            return row;
        }

        private void sum(Row row, long[] otherGauges) {
            var last = summed.put(row.labels(), row.counters());
            for (int i = 0; i < otherCounters.length; i++) {
                long now = row.counters()[i];
                // A counter that fell began anew: its topic was deleted and made again.
                boolean continues = last != null && now >= last[i];
                otherCounters[i] += continues ? now - last[i] : now;
            }
            for (int i = 0; i < otherGauges.length; i++) {
                otherGauges[i] += row.gauges()[i];
            }
        }
    }
}
