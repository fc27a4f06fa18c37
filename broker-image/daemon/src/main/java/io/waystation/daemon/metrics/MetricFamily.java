package io.waystation.daemon.metrics;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// The series of one name. Immutable; refuses what Prometheus's conventions forbid.
///
/// @param name as Prometheus knows it: with its unit, and with `_total` when it counts
/// @param labels their names, in the order in which values are given
public record MetricFamily(Kind kind, Unit unit, String name, String help, List<String> labels) {
    /// What the numbers are.
    public enum Kind {
        /// Only grows while the process lives.
        COUNTER,
        GAUGE,
        /// How many were at most so large, for some bounds; with count and sum.
        HISTOGRAM,
        /// Count and sum alone.
        SUMMARY;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What is counted, when that is not a number of things.
    public enum Unit {
        NONE(""),
        SECONDS("seconds"),
        BYTES("bytes");

        private final String text;

        Unit(String text) {
            this.text = text;
        }
    }

    private static final String TOTAL = "_total";
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

    public MetricFamily {
        labels = List.copyOf(labels);
        expect(NAME.matcher(name).matches(), name, "a name of " + NAME);
        expect((kind == Kind.COUNTER) == name.endsWith(TOTAL), name, "_total behind counters alone");
        expect(
                unit == Unit.NONE || openMetricsName(kind, name).endsWith("_" + unit.text),
                name,
                "a name with the unit " + unit.text);
        expect(!help.isEmpty() && help.indexOf('\n') < 0, help, "one line of help");
        for (var label : labels) {
            expect(NAME.matcher(label).matches(), label, "a label of " + NAME);
        }
    }

    public static MetricFamily of(Kind kind, Unit unit, String name, String help, String... labels) {
        return new MetricFamily(kind, unit, name, help, List.of(labels));
    }

    private static void expect(boolean condition, String found, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(found + " (expected: " + expected + ")");
        }
    }

    /// OpenMetrics names the family of a counter without `_total`.
    String openMetricsName() {
        return openMetricsName(kind, name);
    }

    private static String openMetricsName(Kind kind, String name) {
        return kind == Kind.COUNTER && name.endsWith(TOTAL) ? name.substring(0, name.length() - TOTAL.length()) : name;
    }

    String unitText() {
        return unit.text;
    }

    /// The families as a table in Markdown, for the documentation.
    public static String table(Collection<MetricFamily> families) {
        var table = new StringBuilder("| name | kind | labels | meaning |\n|---|---|---|---|\n");
        for (var family : families) {
            table.append("| `").append(family.name).append("` | ").append(family.kind.text());
            table.append(" | ").append(String.join(", ", family.labels)).append(" | ");
            table.append(family.help).append(" |\n");
        }
        return table.toString();
    }
}
