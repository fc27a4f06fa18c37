package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class JsonLayoutTest {
    private final LoggerContext context = new LoggerContext();

    private String line(String logger, Level level, String text, @Nullable Throwable cause, KeyValuePair... pairs) {
        var event = new LoggingEvent("", context.getLogger(logger), level, text, cause, null);
        event.setInstant(Instant.parse("2026-01-20T19:56:15.991848Z"));
        event.setKeyValuePairs(List.of(pairs));
        return new JsonLayout().doLayout(event);
    }

    @Test
    void aLineIsOneObject() {
        var line = line(
                "io.waystation.X",
                Level.WARN,
                "slow pass",
                null,
                new KeyValuePair("loop", 1),
                new KeyValuePair("tookMs", 70L),
                new KeyValuePair("again", true),
                new KeyValuePair("topic", "t"));

        assertThat(line)
                .isEqualTo("{\"time\":\"2026-01-20T19:56:15.991848Z\",\"level\":\"WARNING\",\"message\":\"slow pass\","
                        + "\"logger\":\"io.waystation.X\",\"loop\":1,\"tookMs\":70,\"again\":true,\"topic\":\"t\"}\n");
    }

    @Test
    void whatClientsSendCannotEndTheLineOrTheObject() {
        var line = line("x", Level.INFO, "a\nb", null, new KeyValuePair("topic", "\"},\u0000\n"));

        assertThat(line.strip()).doesNotContain("\n");
        assertThat(line).contains("\"message\":\"a\\nb\"", "\"topic\":\"\\\"},\\u0000\\n\"");
    }

    @Test
    void aKeyNamedAsAFieldOfTheLineGivesWay() {
        var line = line("x", Level.INFO, "text", null, new KeyValuePair("level", "low"));

        assertThat(line).contains("\"level\":\"INFO\"", "\"level_\":\"low\"");
    }

    @Test
    void theEndOfTheProgramIsFatalAndBringsItsStack() {
        var line = line("FATAL", Level.ERROR, "text", new IllegalStateException("why"));

        assertThat(line).contains("\"level\":\"FATAL\"", "\"stack\":\"java.lang.IllegalStateException: why\\n\\tat ");
    }
}
