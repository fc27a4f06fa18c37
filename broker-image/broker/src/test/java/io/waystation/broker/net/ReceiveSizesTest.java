package io.waystation.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReceiveSizesTest {
    private final InputMemory memory = new InputMemory(1000);
    private final io.netty.channel.RecvByteBufAllocator.ExtendedHandle sizes = new ReceiveSizes(memory).newHandle();

    private void read(int bytes) {
        sizes.attemptedBytesRead(sizes.guess());
        sizes.lastBytesRead(bytes);
    }

    @Test
    void aConnectionThatSendsLittleGetsSmallBuffers() {
        read(1);

        assertThat(sizes.guess()).isEqualTo(ReceiveSizes.SMALL_BYTES);
    }

    @Test
    void oneThatFillsItsBufferGetsLargeOnesUntilItSendsLittleForAWhile() {
        read(ReceiveSizes.SMALL_BYTES);
        assertThat(sizes.guess()).isEqualTo(ReceiveSizes.LARGE_BYTES);
        for (int i = 0; i < 7; i++) {
            read(100);
        }
        assertThat(sizes.guess()).isEqualTo(ReceiveSizes.LARGE_BYTES);

        read(100);

        assertThat(sizes.guess()).isEqualTo(ReceiveSizes.SMALL_BYTES);
    }

    @Test
    void whereMemoryIsShortBuffersAreTheSmallestForAll() {
        read(ReceiveSizes.SMALL_BYTES);

        memory.change(1000);

        assertThat(sizes.guess()).isEqualTo(ReceiveSizes.TIGHT_BYTES);
    }
}
