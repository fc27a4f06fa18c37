package io.waystation.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageIdTest {
    @Test
    void theThreePartsShareSixtyFourBits() {
        long id = MessageId.of(MessageId.MAX_SHARD, MessageId.MAX_GENERATION, MessageId.MAX_OFFSET - 1);

        assertThat(MessageId.shard(id)).isEqualTo(MessageId.MAX_SHARD);
        assertThat(MessageId.generation(id)).isEqualTo(MessageId.MAX_GENERATION);
        assertThat(MessageId.offset(id)).isEqualTo(MessageId.MAX_OFFSET - 1);
    }

    @Test
    void aPartNeverLeaksIntoAnother() {
        assertThat(MessageId.toString(MessageId.of(1, 0, 0))).isEqualTo("0040000000000000");
        assertThat(MessageId.toString(MessageId.of(0, 1, 0))).isEqualTo("0001000000000000");
        assertThat(MessageId.toString(MessageId.of(0, 0, MessageId.MAX_OFFSET))).isEqualTo("0000ffffffffffff");
    }

    /// Random ids; the seed is in the failure.
    @Test
    void everyIdIsReadAsItWasWritten() {
        long seed = Long.getLong("wire.seed", 1);
        var random = new SplittableRandom(seed);
        var buffer = ByteBuffer.allocate(MessageId.LENGTH + 2);
        for (int i = 0; i < 100_000; i++) {
            long id = MessageId.of(
                    random.nextInt(MessageId.MAX_SHARD + 1),
                    random.nextInt(MessageId.MAX_GENERATION + 1),
                    random.nextLong(MessageId.MAX_OFFSET));
            MessageId.put(buffer, 1, id);

            assertThat(MessageId.parse(buffer, 1)).as("-Dwire.seed=%d", seed).isEqualTo(id);
            assertThat(MessageId.text(buffer, 1))
                    .as("-Dwire.seed=%d", seed)
                    .isEqualTo(MessageId.toString(id))
                    .matches("[0-9a-f]{16}");
        }
        assertThat(buffer.get(0)).isZero();
        assertThat(buffer.get(MessageId.LENGTH + 1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0123456789abcdeF", "0123456789abcdeg", "0123456789abcde ", "0123456789abcde\n", " 123456789abcdef",
                "0x23456789abcdef", "-123456789abcdef", "\u00ff123456789abcdef", "/123456789abcdef", ":123456789abcdef"
            })
    void whatWeNeverSendIsUnknown(String text) {
        var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));

        assertThat(MessageId.parse(bytes, 0)).isEqualTo(MessageId.UNKNOWN);
    }
}
