package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.KeyValuePair;

class NsqLayoutTest {
    private final LoggerContext context = new LoggerContext();

    private LoggingEvent event(String logger, Level level, String text, @Nullable Throwable cause) {
        var event = new LoggingEvent("", context.getLogger(logger), level, text, cause, null);
        event.setInstant(LocalDateTime.of(2026, 1, 20, 19, 56, 15, 991_848_000)
                .atZone(ZoneId.systemDefault())
                .toInstant());
        return event;
    }

    private static String line(LoggingEvent event) {
        return new NsqLayout("[nsqd] ").doLayout(event);
    }

    @Test
    void aLineIsNsqs() {
        var line = line(event("io.waystation.X", Level.INFO, "text", null));

        assertThat(line).isEqualTo("[nsqd] 2026/01/20 19:56:15.991848 INFO: text\n");
    }

    @ParameterizedTest
    @CsvSource({
        "io.waystation.X, DEBUG, DEBUG",
        "io.waystation.X, INFO, INFO",
        "io.waystation.X, WARN, WARNING",
        "io.waystation.X, ERROR, ERROR",
        "FATAL, ERROR, FATAL"
    })
    void levelsHaveNsqsNames(String logger, String level, String name) {
        var line = line(event(logger, Level.toLevel(level), "text", null));

        assertThat(line).endsWith(" " + name + ": text\n");
    }

    @Test
    void keysAndValuesFollowTheTextAndAreQuotedWhereNeeded() {
        var event = event("io.waystation.X", Level.INFO, "text", null);
        event.setKeyValuePairs(List.of(
                new KeyValuePair("plain", 1),
                new KeyValuePair("blank", "a \"b\\"),
                new KeyValuePair("empty", ""),
                new KeyValuePair("control", "a\nb")));

        var line = line(event);

        assertThat(line).endsWith("INFO: text plain=1 blank=\"a \\\"b\\\\\" empty=\"\" control=a\\nb\n");
    }

    @Test
    void controlCharactersAreWrittenAsGoQuotesThem() {
        var line =
                line(event("io.waystation.X", Level.INFO, "a\r\nb\tc\u001b[31m\u0000\u007f\u0085\u2028\u202e", null));

        assertThat(line).endsWith("INFO: a\\r\\nb\\tc\\x1b[31m\\x00\\x7f\\u0085\\u2028\\u202e\n");
    }

    @Test
    void anExceptionFollowsIndentedWhateverItsMessage() {
        var line = line(event("io.waystation.X", Level.ERROR, "text", new IllegalStateException("a\n[nsqd] forged")));

        assertThat(line.lines().skip(1)).isNotEmpty().allMatch(text -> text.startsWith("\t"));
    }
}
