package io.waystation.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FramesTest {
    @ParameterizedTest
    @CsvSource({
        "OK, 00000006000000004f4b",
        "_heartbeat_, 0000000f000000005f6865617274626561745f",
        "CLOSE_WAIT, 0000000e00000000434c4f53455f57414954"
    })
    void responsesAreNsqsByteForByte(String payload, String hex) {
        assertThat(HexFormat.of().formatHex(Frames.response(payload))).isEqualTo(hex);
    }

    @Test
    void badMagicHasACodeAlone() {
        var frame = Frames.error(new ProtocolException(ProtocolError.E_BAD_PROTOCOL, ""));

        assertThat(HexFormat.of().formatHex(frame)).isEqualTo("0000001200000001455f4241445f50524f544f434f4c");
    }

    @Test
    void anErrorRepeatsBytesAsTheyCame() {
        var frame =
                Frames.error(ProtocolException.quoting(ProtocolError.E_INVALID, "invalid command \u00ff\u00c3\u00a4"));

        assertThat(HexFormat.of().formatHex(frame, frame.length - 4, frame.length))
                .isEqualTo("20ffc3a4");
    }

    @Test
    void anErrorOfOursIsUtf8() {
        var frame = Frames.error(new ProtocolException(ProtocolError.E_PUB_FAILED, "\u00e4"));

        assertThat(HexFormat.of().formatHex(frame, frame.length - 3, frame.length))
                .isEqualTo("20c3a4");
    }

    @Test
    void aMessageHeaderIsThirtyFourBytes() {
        var buffer = ByteBuffer.allocate(40);

        Frames.putMessageHeader(buffer, 3, 5, 0x0102030405060708L, 1, MessageId.of(1, 2, 3));

        assertThat(HexFormat.of().formatHex(buffer.array()))
                .isEqualTo("000000" + "00000023" + "00000002" + "0102030405060708" + "0001"
                        + HexFormat.of().formatHex("0042000000000003".getBytes(StandardCharsets.US_ASCII))
                        + "000000");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 32767, 32768, Frames.MAX_ATTEMPTS})
    void attemptsAreUnsigned(int attempts) {
        var buffer = ByteBuffer.allocate(Frames.MESSAGE_OVERHEAD);

        Frames.putMessageHeader(buffer, 0, 0, 0, attempts, 0);

        assertThat(Short.toUnsignedInt(buffer.getShort(16))).isEqualTo(attempts);
    }
}
