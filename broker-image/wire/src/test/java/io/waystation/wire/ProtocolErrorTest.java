package io.waystation.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ProtocolErrorTest {
    @Test
    void threeErrorsAreSoftAndNoOthers() {
        assertThat(Arrays.stream(ProtocolError.values()).filter(error -> !error.isFatal()))
                .containsExactly(ProtocolError.E_FIN_FAILED, ProtocolError.E_REQ_FAILED, ProtocolError.E_TOUCH_FAILED);
    }

    @Test
    void thePayloadIsTheCodeABlankAndTheText() {
        var error = new ProtocolException(ProtocolError.E_INVALID, "invalid command ");

        assertThat(new String(error.payload(), StandardCharsets.UTF_8)).isEqualTo("E_INVALID invalid command ");
        assertThat(error.isSilent()).isFalse();
    }

    @Test
    void anExceptionAboutThePeerHasNoStack() {
        assertThat(new ProtocolException(ProtocolError.E_INVALID, "x").getStackTrace())
                .isEmpty();
        assertThat(ProtocolException.silent("x").isSilent()).isTrue();
    }
}
