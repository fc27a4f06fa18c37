package io.waystation.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The expectations are what Go's `%q` prints.
class GoQuoteTest {
    @Test
    void blanksAndPrintableAsciiStayAsTheyAre() {
        assertThat(GoQuote.quote("a b~'#%")).isEqualTo("\"a b~'#%\"");
    }

    @Test
    void quotesBackslashesAndControlsAreEscaped() {
        assertThat(GoQuote.quote("\"\\\u0007\b\f\n\r\t\u000b\0\u001f\u007f"))
                .isEqualTo("\"\\\"\\\\\\a\\b\\f\\n\\r\\t\\v\\x00\\x1f\\x7f\"");
    }

    @Test
    void printableUtf8StaysAsItsBytes() {
        var bytes = utf8("\u00e4\u20ac\ud83d\ude00");

        assertThat(GoQuote.quote(bytes)).isEqualTo('"' + bytes + '"');
    }

    @ParameterizedTest
    @CsvSource({
        "0x80, \\u0080",
        "0xa0, \\u00a0",
        "0xad, \\u00ad",
        "0x200b, \\u200b",
        "0x2028, \\u2028",
        "0xe000, \\ue000",
        "0xfeff, \\ufeff",
        "0xe0001, \\U000e0001"
    })
    void unprintableCodePointsAreNumbers(String codePoint, String quoted) {
        assertThat(GoQuote.quote(utf8(Character.toString(Integer.decode(codePoint)))))
                .isEqualTo('"' + quoted + '"');
    }

    @ParameterizedTest
    @CsvSource({
        "ff, \\xff",
        "c3, \\xc3",
        "c328, \\xc3(",
        "c080, \\xc0\\x80",
        "e282, \\xe2\\x82",
        "eda080, \\xed\\xa0\\x80",
        "f4908080, \\xf4\\x90\\x80\\x80"
    })
    void bytesThatAreNotUtf8AreHex(String hex, String quoted) {
        var bytes = new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);

        assertThat(GoQuote.quote(bytes)).isEqualTo('"' + quoted + '"');
    }

    private static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
