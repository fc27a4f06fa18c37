package io.waystation.daemon.metrics;

import java.util.Locale;

/// The two texts that collectors of metrics read.
public enum ExpositionFormat {
    PROMETHEUS("text/plain; version=0.0.4; charset=utf-8"),
    OPENMETRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

    private static final String OPENMETRICS_TYPE = "application/openmetrics-text";

    private final String contentType;

    ExpositionFormat(String contentType) {
        this.contentType = contentType;
    }

    public String contentType() {
        return contentType;
    }

    /// OpenMetrics for whoever names it in `Accept` and does not prefer plain text; that for everybody else.
    public static ExpositionFormat accepted(String accept) {
        double openMetrics = 0;
        double plain = 0;
        for (var range : accept.split(",", -1)) {
            var parts = range.split(";", -1);
            switch (parts[0].strip().toLowerCase(Locale.ROOT)) {
                case OPENMETRICS_TYPE -> openMetrics = Math.max(openMetrics, quality(parts));
                case "text/plain" -> plain = Math.max(plain, quality(parts));
                default -> {
                    // Ranges with wildcards are content with plain text, and other types cannot be had.
                }
            }
        }
        return openMetrics > 0 && openMetrics >= plain ? OPENMETRICS : PROMETHEUS;
    }

    private static double quality(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            var parameter = parts[i].strip();
            if (parameter.startsWith("q=")) {
                try {
                    return Double.parseDouble(parameter.substring(2));
                } catch (NumberFormatException malformed) {
                    return 0;
                }
            }
        }
        return 1;
    }
}
