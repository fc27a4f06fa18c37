package io.waystation.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "A.b_c-9", ".", "..", "-", "t#ephemeral", ".#ephemeral"})
    void theGrammarTakes(String name) {
        assertThat(Names.isValid(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "a*b",
                "a/b",
                "a:b",
                "a#",
                "a#ephemera",
                "#ephemeral",
                "a#ephemeral#ephemeral",
                "a#Ephemeral",
                "a\n",
                "\u00e4",
                "a\u0000",
                "~a",
                "%2E"
            })
    void theGrammarRefuses(String name) {
        assertThat(Names.isValid(name)).isFalse();
    }

    @Test
    void sixtyFourBytesAreTheMostWithTheSuffix() {
        assertThat(Names.isValid("x".repeat(64))).isTrue();
        assertThat(Names.isValid("x".repeat(65))).isFalse();
        assertThat(Names.isValid("x".repeat(54) + Names.EPHEMERAL_SUFFIX)).isTrue();
        assertThat(Names.isValid("x".repeat(55) + Names.EPHEMERAL_SUFFIX)).isFalse();
    }

    @Test
    void onlyTheWholeSuffixMakesANameEphemeral() {
        assertThat(Names.isEphemeral("t#ephemeral")).isTrue();
        assertThat(Names.isEphemeral("ephemeral")).isFalse();
        assertThat(Names.isEphemeral("t#ephemeral2")).isFalse();
        assertThat(Names.isEphemeral("")).isFalse();
    }
}
