package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "-0, PT0S",
        "300ms, PT0.3S",
        "1m30s, PT1M30S",
        "2h, PT2H",
        "1.5h, PT1H30M",
        ".5s, PT0.5S",
        "5.s, PT5S",
        "7ns, PT0.000000007S",
        "7us, PT0.000007S",
        "7µs, PT0.000007S",
        "7μs, PT0.000007S",
        "-1m, PT-1M",
        "+1m, PT1M",
        "1h2m3s4ms5us6ns, PT1H2M3.004005006S"
    })
    void everyFormOfGoIsRead(String text, Duration expected) throws UsageException {
        var duration = GoDuration.parse(text);

        assertThat(duration).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "s", ".s", "1d", "1 s", "1s ", "1S", "--1s", "1m-3s", "1e3s", "0x1s"})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> GoDuration.parse(text))
                .hasMessage("'" + text + "' (expected: a duration such as 300ms or 1m30s)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036855s", "2562048h"})
    void moreThanSixtyThreeBitsOfNanosecondsAreRefused(String text) {
        assertThatThrownBy(() -> GoDuration.parse(text)).hasMessage("'" + text + "' (expected: at most 292 years)");
    }

    @ParameterizedTest
    @CsvSource({"PT0S, 0s", "PT0.3S, 300ms", "PT90S, 1m30s", "PT2H, 2h", "PT0.0000005S, 0.0005ms", "PT-1S, -1s"})
    void aDurationIsWrittenWithTheUnitsItNeeds(Duration duration, String expected) {
        var text = GoDuration.format(duration);

        assertThat(text).isEqualTo(expected);
    }
}
