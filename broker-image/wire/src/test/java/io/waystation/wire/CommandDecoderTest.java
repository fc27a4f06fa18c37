package io.waystation.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandDecoderTest {
    private final RecordingSink sink =
            new RecordingSink(new CommandLimits(100, 1000, 3_600_000, 2500), new SplittableRandom(1), false);

    private void decode(String latin1) throws ProtocolException {
        sink.decoder().decode(ByteBuffer.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /// `FIN ` and twenty-one bytes in all look like the common line; these are others.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "FIN 0123456789abcde\r\n",
                "FIN 0123 56789abcdef\n",
                "FIN  123456789abcdef\n",
                "FIN abc\nFIN 56789abcdef\n"
            })
    void anIdThatIsNotSixteenBytesLongIsInvalid(String line) throws ProtocolException {
        decode("  V2SUB t c\n");

        assertThatThrownBy(() -> decode(line))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("invalid message ID");
    }

    @Test
    void sixteenBytesOfAnythingAreAnId() throws ProtocolException {
        decode("  V2SUB t c\nFIN zzzzzzzzzzzzzzzz\nFIN zzzzzzzzzzzzzzzz\r\n");

        assertThat(sink.calls()).endsWith("FIN -1 zzzzzzzzzzzzzzzz", "FIN -1 zzzzzzzzzzzzzzzz");
    }

    @Test
    void aBatchMayTellAnyBodySizeInRange() throws ProtocolException {
        decode("  V2MPUB t\n\0\0\0\1\0\0\0\2\0\0\0\1a\0\0\0\1b");

        assertThat(sink.calls()).containsExactly("MPUB t a b");
    }

    @Test
    void aBatchThatCouldNeverFitIsRefusedBeforeItIsThere() {
        var message = "\0\0\0d" + "x".repeat(100);

        assertThatThrownBy(() -> decode("  V2MPUB t\n\0\0\0\1\0\0\0\62" + message.repeat(20)))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("MPUB body too big 2076 > 1000");
    }

    @Test
    void numbersBeyondSixtyFourBitsAreNone() throws ProtocolException {
        decode("  V2SUB t c\n");

        assertThatThrownBy(() -> decode("RDY 18446744073709551617\n"))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("RDY could not parse count 18446744073709551617");
    }
}
