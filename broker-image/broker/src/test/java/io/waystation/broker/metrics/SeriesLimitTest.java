package io.waystation.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.LatencyStats;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeriesLimitTest {
    /// A row of one counter and one gauge.
    private static Row row(String name, long counter, long gauge) {
        return new Row(List.of(name), new long[] {counter}, new long[] {gauge}, RowLatency.NONE);
    }

    /// A row of one counter, one gauge and three series of latencies.
    private static Row measuredRow(String name) {
        var percentiles = List.of(new LatencyStats.Percentile(0.5, 1_000_000));
        return new Row(List.of(name), new long[] {1}, new long[] {1}, new RowLatency(1, percentiles, true, 1, 1));
    }

    private static List<String> limit(SeriesLimit.Rows rows, Row... all) {
        return rows.limit(Arrays.asList(all)).stream()
                .map(row -> row.labels().getFirst() + " " + row.counters()[0] + " " + row.gauges()[0])
                .toList();
    }

    @Test
    void whatFindsNoRoomIsSummedAndCounted() {
        var rows = new SeriesLimit(4).new Rows(1, 1, 1);

        var shown = limit(rows, row("a", 1, 10), row("b", 2, 20), row("c", 3, 30), row("d", 4, 40));

        assertThat(shown).containsExactly("a 1 10", "b 2 20", "(other) 7 70");
        assertThat(rows.summedCount()).isEqualTo(2);
    }

    @Test
    void latenciesTakeRoomAndGiveItBack() {
        var rows = new SeriesLimit(7).new Rows(1, 1, 1);

        assertThat(limit(rows, measuredRow("a"), row("b", 1, 1))).containsExactly("a 1 1", "b 1 1");
        assertThat(limit(rows, measuredRow("a"), row("b", 1, 1), row("c", 2, 2)))
                .containsExactly("a 1 1", "b 1 1", "(other) 2 2");
        assertThat(limit(rows, row("b", 1, 1), measuredRow("d"))).containsExactly("b 1 1", "d 1 1");
    }

    @Test
    void whoHasItsSeriesKeepsThemWhenThereIsNoRoomForLatencies() {
        var limit = new SeriesLimit(4);
        var rows = limit.new Rows(1, 1, 1);
        limit(rows, row("a", 1, 1));

        var shown = rows.limit(List.of(measuredRow("a")));

        assertThat(shown).singleElement().extracting(Row::latency).isEqualTo(RowLatency.NONE);
        assertThat(limit(rows, row("a", 1, 1), row("b", 1, 1))).containsExactly("a 1 1", "b 1 1");
    }

    @Test
    void kindsShareTheRoom() {
        var limit = new SeriesLimit(4);
        var first = limit.new Rows(1, 1, 1);
        var second = limit.new Rows(1, 1, 1);

        assertThat(limit(first, row("a", 1, 1))).containsExactly("a 1 1");
        assertThat(limit(second, row("b", 1, 1), row("c", 1, 1))).containsExactly("b 1 1", "(other) 1 1");
    }

    @Test
    void whoWasFirstKeepsItsSeriesAndWhoGoesMakesRoom() {
        var rows = new SeriesLimit(2).new Rows(1, 1, 1);
        limit(rows, row("m", 1, 1));

        assertThat(limit(rows, row("a", 5, 5), row("m", 2, 2))).containsExactly("m 2 2", "(other) 5 5");
        assertThat(limit(rows, row("a", 6, 6))).containsExactly("a 6 6");
        assertThat(rows.summedCount()).isZero();
    }

    @Test
    void summedCountersNeverFall() {
        var rows = new SeriesLimit(0).new Rows(1, 1, 1);

        assertThat(limit(rows, row("a", 100, 1), row("b", 10, 1))).containsExactly("(other) 110 2");
        assertThat(limit(rows, row("b", 11, 1))).containsExactly("(other) 111 1");
        // a is made anew
        assertThat(limit(rows, row("a", 3, 1), row("b", 11, 1))).containsExactly("(other) 114 2");
        assertThat(limit(rows, row("a", 1, 1), row("b", 11, 1))).containsExactly("(other) 115 2");
    }

    @Test
    void nothingIsShownOfNothing() {
        assertThat(limit(new SeriesLimit(0).new Rows(1, 1, 1))).isEmpty();
    }
}
