package io.waystation.daemon.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.daemon.metrics.MetricFamily.Kind;
import io.waystation.daemon.metrics.MetricFamily.Unit;
import org.junit.jupiter.api.Test;

class ExpositionTest {
    private static final MetricFamily BYTES =
            MetricFamily.of(Kind.COUNTER, Unit.BYTES, "waystation_sent_bytes_total", "Bytes \"sent\".", "topic");
    private static final MetricFamily DEPTH =
            MetricFamily.of(Kind.GAUGE, Unit.NONE, "waystation_depth", "What waits, \\ too.");
    private static final MetricFamily PASSES =
            MetricFamily.of(Kind.HISTOGRAM, Unit.SECONDS, "waystation_pass_seconds", "Passes.", "loop");

    private static String page(ExpositionFormat format) {
        return new Exposition(format)
                .family(BYTES)
                .sample(12, "a\"b\\c\nd")
                .sample(1L << 53, "other")
                .family(DEPTH)
                .sample(0.5)
                .text();
    }

    @Test
    void prometheusTextNamesCountersWithTotal() {
        assertThat(page(ExpositionFormat.PROMETHEUS)).isEqualTo("""
                        # HELP waystation_sent_bytes_total Bytes "sent".
                        # TYPE waystation_sent_bytes_total counter
                        waystation_sent_bytes_total{topic="a\\"b\\\\c\\nd"} 12
                        waystation_sent_bytes_total{topic="other"} 9007199254740992
                        # HELP waystation_depth What waits, \\\\ too.
                        # TYPE waystation_depth gauge
                        waystation_depth 0.5
                        """);
    }

    @Test
    void openMetricsNamesTheFamilyWithoutTotalAndTellsUnitAndEnd() {
        assertThat(page(ExpositionFormat.OPENMETRICS)).isEqualTo("""
                        # HELP waystation_sent_bytes Bytes \\"sent\\".
                        # TYPE waystation_sent_bytes counter
                        # UNIT waystation_sent_bytes bytes
                        waystation_sent_bytes_total{topic="a\\"b\\\\c\\nd"} 12
                        waystation_sent_bytes_total{topic="other"} 9007199254740992
                        # HELP waystation_depth What waits, \\\\ too.
                        # TYPE waystation_depth gauge
                        waystation_depth 0.5
                        # EOF
                        """);
    }

    @Test
    void bucketsOfAHistogramAddUpToItsCount() {
        var histogram = new Histogram();
        for (long ns : new long[] {0, 10_000, 10_001, 3_000_000, 60_000_000_000L}) {
            histogram.record(ns);
        }

        var text = new Exposition(ExpositionFormat.PROMETHEUS)
                .family(PASSES)
                .histogram(histogram, "0")
                .text();

        assertThat(text)
                .contains("\nwaystation_pass_seconds_bucket{loop=\"0\",le=\"0.00001\"} 2\n")
                .contains("\nwaystation_pass_seconds_bucket{loop=\"0\",le=\"0.000025\"} 3\n")
                .contains("\nwaystation_pass_seconds_bucket{loop=\"0\",le=\"0.0025\"} 3\n")
                .contains("\nwaystation_pass_seconds_bucket{loop=\"0\",le=\"0.005\"} 4\n")
                .contains("\nwaystation_pass_seconds_bucket{loop=\"0\",le=\"10.0\"} 4\n")
                .contains("\nwaystation_pass_seconds_bucket{loop=\"0\",le=\"+Inf\"} 5\n")
                .contains("\nwaystation_pass_seconds_count{loop=\"0\"} 5\n")
                .contains("\nwaystation_pass_seconds_sum{loop=\"0\"} 60.003020001\n");
    }

    @Test
    void aSharedHistogramCountsAsAConfinedOneDoes() {
        var shared = new SharedHistogram();
        var confined = new Histogram();
        for (long ns = 1; ns < 20_000_000_000L; ns *= 3) {
            shared.record(ns);
            confined.record(ns);
        }

        var copy = shared.copy();

        assertThat(copy).usingRecursiveComparison().isEqualTo(confined);
    }

    @Test
    void aFamilyIsWrittenOnce() {
        var page = new Exposition(ExpositionFormat.PROMETHEUS).family(DEPTH);

        assertThatThrownBy(() -> page.family(DEPTH)).hasMessageContaining("expected: each family once");
    }

    @Test
    void aSampleHasAValueForEachLabel() {
        var page = new Exposition(ExpositionFormat.PROMETHEUS).family(BYTES);

        assertThatThrownBy(() -> page.sample(1)).hasMessageContaining("expected: values of [topic]");
    }

    @Test
    void namesFollowTheConventions() {
        assertThatThrownBy(() -> MetricFamily.of(Kind.COUNTER, Unit.NONE, "waystation_messages", "Help."))
                .hasMessageContaining("_total behind counters alone");
        assertThatThrownBy(() -> MetricFamily.of(Kind.GAUGE, Unit.NONE, "waystation_messages_total", "Help."))
                .hasMessageContaining("_total behind counters alone");
        assertThatThrownBy(() -> MetricFamily.of(Kind.GAUGE, Unit.SECONDS, "waystation_pass", "Help."))
                .hasMessageContaining("with the unit seconds");
        assertThatThrownBy(() -> MetricFamily.of(Kind.GAUGE, Unit.NONE, "Waystation", "Help."))
                .hasMessageContaining("expected: a name");
    }

    @Test
    void openMetricsIsForThoseWhoAskForIt() {
        assertThat(ExpositionFormat.accepted("")).isEqualTo(ExpositionFormat.PROMETHEUS);
        assertThat(ExpositionFormat.accepted("*/*")).isEqualTo(ExpositionFormat.PROMETHEUS);
        assertThat(ExpositionFormat.accepted("text/plain;version=0.0.4")).isEqualTo(ExpositionFormat.PROMETHEUS);
        assertThat(ExpositionFormat.accepted("application/openmetrics-text;q=0.2,text/plain;q=0.9"))
                .isEqualTo(ExpositionFormat.PROMETHEUS);
        assertThat(ExpositionFormat.accepted("application/openmetrics-text")).isEqualTo(ExpositionFormat.OPENMETRICS);
        assertThat(ExpositionFormat.accepted("application/openmetrics-text;version=1.0.0;q=0.6, "
                        + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"))
                .isEqualTo(ExpositionFormat.OPENMETRICS);
        assertThat(ExpositionFormat.accepted("application/openmetrics-text;q=0"))
                .isEqualTo(ExpositionFormat.PROMETHEUS);
    }
}
