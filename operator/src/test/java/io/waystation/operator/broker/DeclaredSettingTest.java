package io.waystation.operator.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeclaredSettingTest {
    private static DeclaredSetting setting(String key, Object value) {
        return new DeclaredSetting("field", "text", key, value);
    }

    @Test
    void settingsBecomeTheBrokersJson() {
        var body = new ObjectMapper().createObjectNode();

        for (var setting : List.of(
                setting("flush", "disk"),
                setting("retention.policy", "Bounded"),
                setting("retention.timeMs", 3600000L),
                setting("messageTimeout", Duration.ofSeconds(90)),
                setting("requeueBackoff.factor", 2.5))) {
            setting.addTo(body);
        }

        assertThat(body)
                .hasToString("{\"flush\":\"disk\",\"retention\":{\"policy\":\"Bounded\",\"timeMs\":3600000},"
                        + "\"messageTimeout\":\"90000ms\",\"requeueBackoff\":{\"factor\":2.5}}");
    }

    @Test
    void aKeyInAnObjectIsFound() {
        var settings = Map.<String, Object>of("retention", Map.of("timeMs", 5));

        assertThat(setting("retention.timeMs", 5L).holdsIn(settings)).isTrue();
        assertThat(setting("retention.timeMs", 6L).holdsIn(settings)).isFalse();
    }

    @Test
    void aKeyThatIsNotThereDiffers() {
        assertThat(setting("retention.timeMs", 0L).holdsIn(Map.of())).isFalse();
        assertThat(setting("retention.timeMs", 0L).holdsIn(Map.of("retention", "none")))
                .isFalse();
    }

    @Test
    void aNumberIsTheSameWithAndWithoutAFraction() {
        assertThat(setting("factor", 2.0).holdsIn(Map.of("factor", 2))).isTrue();
        assertThat(setting("bytes", 999_999_999_999_999_999L).holdsIn(Map.of("bytes", 999_999_999_999_999_998L)))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0s, 0", "90s, 90000", "1m30s, 90000", "720h, 2592000000", "1s500ms, 1500", "1.5s, 1500", "250ms, 250"})
    void aDurationIsTheSameInAnySpelling(String text, long ms) {
        assertThat(setting("timeToLive", Duration.ofMillis(ms)).holdsIn(Map.of("timeToLive", text)))
                .isTrue();
        assertThat(setting("timeToLive", Duration.ofMillis(ms + 1)).holdsIn(Map.of("timeToLive", text)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "5", "5x", "1m 30s", "s5", "-5s", "1m30", "9999999h"})
    void whatIsNoDurationIsNone(String text) {
        assertThat(GoDuration.parse(text)).isEmpty();
    }

    @Test
    void aTextThatLooksLikeADurationIsATextWhereOneIsMeant() {
        assertThat(setting("deadLetterTopic", "60s").holdsIn(Map.of("deadLetterTopic", "1m")))
                .isFalse();
    }
}
