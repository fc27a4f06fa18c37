package io.waystation.daemon.metrics;

import io.waystation.daemon.HttpReply;
import io.waystation.daemon.metrics.MetricFamily.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes one page of metrics: a family, then its samples, then the next. Confined to one thread.
public final class Exposition {
    private static final List<String> BOUNDS = Histogram.bounds();
    private static final String NO_SUFFIX = "";
    private static final String END = "# EOF\n";

    /// Characters that are gathered before they are written.
    private static final int GATHERED_LENGTH = 16 * 1024;

    private final ExpositionFormat format;
    /// Null: the page is kept as a whole.
    private final @Nullable Writer target;
    private final StringBuilder text = new StringBuilder();
    private final Set<String> written = new HashSet<>();
    private @Nullable MetricFamily current;

    public Exposition(ExpositionFormat format) {
        this.format = format;
        this.target = null;
    }

    /// A page that is written while it is made; [#end] writes its end. What the target throws comes unchecked.
    public Exposition(ExpositionFormat format, Writer target) {
        this.format = format;
        this.target = target;
    }

    /// Begins a family; what follows are its samples. Each family once.
    public Exposition family(MetricFamily family) {
        if (!written.add(family.name())) {
            throw new IllegalStateException(family.name() + " was written before (expected: each family once)");
        }
        current = family;
        boolean openMetrics = format == ExpositionFormat.OPENMETRICS;
        var name = openMetrics ? family.openMetricsName() : family.name();
        text.append("# HELP ").append(name).append(' ').append(escaped(family.help(), openMetrics));
        text.append("\n# TYPE ")
                .append(name)
                .append(' ')
                .append(family.kind().text())
                .append('\n');
        if (openMetrics && !family.unitText().isEmpty()) {
            text.append("# UNIT ")
                    .append(name)
                    .append(' ')
                    .append(family.unitText())
                    .append('\n');
        }
        return this;
    }

    private static String escaped(String help, boolean quotes) {
        var text = help.replace("\\", "\\\\");
        return quotes ? text.replace("\"", "\\\"") : text;
    }

    private MetricFamily current(boolean plain) {
        var family = current;
        if (family == null || plain != (family.kind() == Kind.COUNTER || family.kind() == Kind.GAUGE)) {
            throw new IllegalStateException("a sample that does not belong to " + family);
        }
        return family;
    }

    public Exposition sample(long value, String... labelValues) {
        line(current(true), NO_SUFFIX, List.of(labelValues), Long.toString(value));
        return this;
    }

    public Exposition sample(double value, String... labelValues) {
        line(current(true), NO_SUFFIX, List.of(labelValues), Double.toString(value));
        return this;
    }

    public Exposition histogram(Histogram histogram, String... labelValues) {
        var family = current(false);
        var labels = List.of(labelValues);
        for (int i = 0; i < BOUNDS.size(); i++) {
            line(family, "_bucket", labels, "le", BOUNDS.get(i), Long.toString(histogram.countUpTo(i)));
        }
        line(family, "_count", labels, Long.toString(histogram.count()));
        line(family, "_sum", labels, Double.toString(histogram.sumSeconds()));
        return this;
    }

    public Exposition summary(long count, double sum, String... labelValues) {
        var family = current(false);
        line(family, "_count", List.of(labelValues), Long.toString(count));
        line(family, "_sum", List.of(labelValues), Double.toString(sum));
        return this;
    }

    /// What a share of the things did not exceed, of a summary; NaN when there were none. Before its count and sum.
    public Exposition quantile(double share, double value, String... labelValues) {
        line(
                current(false),
                NO_SUFFIX,
                List.of(labelValues),
                "quantile",
                Double.toString(share),
                Double.toString(value));
        return this;
    }

    private void line(MetricFamily family, String suffix, List<String> values, String number) {
        char separator = begin(family, suffix, values);
        text.append(separator == ',' ? "} " : " ").append(number).append('\n');
        if (text.length() >= GATHERED_LENGTH) {
            write();
        }
    }

    private void write() {
        var writer = target;
        if (writer == null) {
            return;
        }
        try {
            writer.append(text);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        text.setLength(0);
    }

    /// Writes what is left.
    public void end() {
        if (format == ExpositionFormat.OPENMETRICS) {
            text.append(END);
        }
        write();
    }

    /// With one label more than the family's own: the bound of a bucket, or a quantile.
    private void line(
            MetricFamily family, String suffix, List<String> values, String label, String value, String number) {
        char separator = begin(family, suffix, values);
        text.append(separator).append(label).append("=\"").append(value).append("\"} ");
        text.append(number).append('\n');
    }

    /// Name and labels; what stands before the next label.
    private char begin(MetricFamily family, String suffix, List<String> values) {
        var labels = family.labels();
        if (labels.size() != values.size()) {
            throw new IllegalArgumentException(family.name() + values + " (expected: values of " + labels + ")");
        }
        text.append(family.name()).append(suffix);
        char separator = '{';
        for (int i = 0; i < labels.size(); i++) {
            text.append(separator).append(labels.get(i)).append("=\"");
            appendEscaped(values.get(i));
            text.append('"');
            separator = ',';
        }
        return separator;
    }

    private void appendEscaped(String value) {
        for (int i = 0; i < value.length(); i++) {
            char next = value.charAt(i);
            switch (next) {
                case '\\' -> text.append("\\\\");
                case '"' -> text.append("\\\"");
                case '\n' -> text.append("\\n");
                default -> text.append(next);
            }
        }
    }

    /// The whole page.
    public HttpReply reply() {
        return HttpReply.typed(format.contentType(), text());
    }

    String text() {
        return format == ExpositionFormat.OPENMETRICS ? text + END : text.toString();
    }
}
