package io.waystation.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.metrics.DaemonMetric;
import io.waystation.daemon.metrics.MetricFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// `-Dmetrics.update` rewrites the document's tables.
class MetricsDocumentTest {
    private static final Path DOCUMENT = Path.of("docs/metrics.md");

    @Test
    void theDocumentHasTheTablesOfTheEnums() throws IOException {
        var expected = with(
                with(Files.readString(DOCUMENT), "broker", MetricFamily.table(BrokerMetric.families())),
                "daemon",
                MetricFamily.table(DaemonMetric.families()));
        if (Boolean.getBoolean("metrics.update")) {
            Files.writeString(DOCUMENT, expected);
        }

        assertThat(DOCUMENT).hasContent(expected);
    }

    /// The text with the table between its marks replaced.
    private static String with(String text, String mark, String table) {
        var begin = "<!-- " + mark + " -->\n";
        int start = text.indexOf(begin) + begin.length();
        int end = text.indexOf("<!-- end -->", start);
        assertThat(start).as("mark " + begin).isGreaterThanOrEqualTo(begin.length());
        return text.substring(0, start) + table + text.substring(end);
    }
}
