package io.waystation.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AmountsTest {
    @ParameterizedTest
    @ValueSource(strings = {"1ms", "999999999s", "90s", "5m", "999999h", "7d", "99999d"})
    void aNumberWithAUnitIsALength(String text) {
        assertThat(text).matches(Amounts.LENGTH).matches(Amounts.LENGTH_OR_NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "0m", "-5s", "1h30m", "1.5h", "05s", "7 d", "7w", "100000d", "1234567h"})
    void anythingElseIsNone(String text) {
        assertThat(text).doesNotMatch(Amounts.LENGTH).doesNotMatch(Amounts.LENGTH_OR_NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "298h", "60s"})
    void aShortOneHasNoDays(String text) {
        assertThat(text).matches(Amounts.SHORT_OR_NONE);
        assertThat("1d").doesNotMatch(Amounts.SHORT_OR_NONE);
    }
}
