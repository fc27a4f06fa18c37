package io.waystation.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishAttributesTest {
    private static final long MAX_DEFER_MS = 1000;

    @Test
    void keyAndDelayAreReadInAnyOrder() throws ProtocolException {
        var attributes = PublishAttributes.parse("defer=1000&key=a%2fb+c%26%00", MAX_DEFER_MS);

        assertThat(attributes.key()).isEqualTo("a/b c&\0".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(attributes.deferMs()).isEqualTo(1000);
    }

    @Test
    void bytesOfAKeyStayWhatTheyAre() throws ProtocolException {
        var attributes = PublishAttributes.parse("key=\u00e9%E9==", MAX_DEFER_MS);

        assertThat(attributes.key()).containsExactly(0xe9, 0xe9, '=', '=');
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
                    ``            ~ attribute "" is not known (expected: key, defer, dedup)
                    kye=1         ~ attribute "kye" is not known (expected: key, defer, dedup)
                    key=a&        ~ attribute "" is not known (expected: key, defer, dedup)
                    key=          ~ key of 0 bytes (expected: 1..1024)
                    key           ~ key of 0 bytes (expected: 1..1024)
                    key=a&key=b   ~ attribute "key" is there twice (expected: once)
                    key=%4        ~ attributes: '%' at "%4" (expected: %XX)
                    key=%4x       ~ attributes: '%' at "%4x" (expected: %XX)
                    defer=        ~ defer "" (expected: milliseconds)
                    defer=1s      ~ defer "1s" (expected: milliseconds)
                    defer=-1      ~ defer "-1" (expected: milliseconds)
                    defer=1001    ~ defer 1001 out of range 0-1000
                    """)
    void whatMakesNoSenseIsRefusedByName(String word, String error) {
        assertThatThrownBy(() -> PublishAttributes.parse(word, MAX_DEFER_MS))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("XPUB " + error);
    }

    @Test
    void aKeyHasAtMostSoManyBytes() throws ProtocolException {
        var longest = "k".repeat(PublishAttributes.MAX_KEY_LENGTH);

        assertThat(PublishAttributes.parse("key=" + longest, MAX_DEFER_MS).key())
                .hasSize(PublishAttributes.MAX_KEY_LENGTH);
        assertThatThrownBy(() -> PublishAttributes.parse("key=k" + longest, MAX_DEFER_MS))
                .hasMessage("XPUB key of 1025 bytes (expected: 1..1024)");
    }
}
