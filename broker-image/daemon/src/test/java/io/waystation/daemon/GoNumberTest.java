package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoNumberTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1000, 1000",
        "1_000, 1000",
        "-5, -5",
        "+5, 5",
        "0x3e8, 1000",
        "0X3E8, 1000",
        "0x_3e8, 1000",
        "0b11, 3",
        "0o17, 15",
        "017, 15",
        "-0x10, -16"
    })
    void everyFormOfGoIsRead(String text, BigInteger expected) {
        var number = GoNumber.parse(text);

        assertThat(number).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "1.5", "1e3", "08", "0x", "0b2", "_1", "1_", "1__0", " 1", "1Mi"})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> GoNumber.parse(text)).isInstanceOf(NumberFormatException.class);
    }

    @ParameterizedTest
    @CsvSource({"1024, 1024", "1Ki, 1024", "1Mi, 1048576", "2Gi, 2147483648", "1Ti, 1099511627776"})
    void aSizeMayHaveAUnit(String text, BigInteger expected) {
        var size = GoNumber.parseSize(text);

        assertThat(size).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1M", "1MiB", "1.5Mi", "Mi", "-1Ki", "1 Mi"})
    void otherUnitsAreRefused(String text) {
        assertThatThrownBy(() -> GoNumber.parseSize(text)).isInstanceOf(NumberFormatException.class);
    }
}
