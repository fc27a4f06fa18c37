package io.waystation.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class ChannelSettingsTest {
    @Test
    void theCursorLogsTextSaysAllOfThem() throws IOException {
        var settings = new ChannelSettings(
                Delivery.KEY_SHARED, 5_000, 7, "dead", 86_400_000, new RequeueBackoff(100, 60_000, 1.5));

        assertThat(ChannelSettings.fromProperty(settings.toProperty())).isEqualTo(settings);
        assertThat(ChannelSettings.fromProperty("")).isEqualTo(ChannelSettings.DEFAULT);
        assertThat(ChannelSettings.DEFAULT.toProperty()).isEmpty();
    }

    @Test
    void aRuleOfALaterReleaseDoesNotPassAsNone() {
        assertThatThrownBy(() -> ChannelSettings.fromProperty("maxAttempts=3 colour=red"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("colour=red");
    }

    @Test
    void valuesOutOfRangeAreRefusedByName() {
        assertThatThrownBy(() -> new ChannelSettings(Delivery.SHARED, 0, 65536, null, 0, RequeueBackoff.NONE))
                .hasMessage("maxAttempts: 65536 (expected: 0 to 65535)");
        assertThatThrownBy(() -> new ChannelSettings(Delivery.SHARED, -1, 0, null, 0, RequeueBackoff.NONE))
                .hasMessageContaining("messageTimeout: -1 ms");
        assertThatThrownBy(() -> new RequeueBackoff(2, 1, 2)).hasMessageContaining("requeueBackoff: 2 to 1 ms");
        assertThatThrownBy(() -> new RequeueBackoff(1, 2, 0.5)).hasMessageContaining("factor: 0.5");
        assertThatThrownBy(() -> Delivery.of("shared")).hasMessageContaining("Shared, Exclusive, KeyShared");
    }

    @Test
    void backoffGrowsByItsFactorUpToItsLimit() {
        var backoff = new RequeueBackoff(100, 1_000, 2);

        assertThat(backoff.delayMs(1)).isEqualTo(100);
        assertThat(backoff.delayMs(2)).isEqualTo(200);
        assertThat(backoff.delayMs(4)).isEqualTo(800);
        assertThat(backoff.delayMs(5)).isEqualTo(1_000);
        assertThat(backoff.delayMs(65_535)).isEqualTo(1_000);
        assertThat(RequeueBackoff.NONE.delayMs(3)).isZero();
    }
}
