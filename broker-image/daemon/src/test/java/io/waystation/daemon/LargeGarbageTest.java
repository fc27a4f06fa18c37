package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class LargeGarbageTest {
    private static final int MEBIBYTE = 1024 * 1024;

    private final CountedHeap heap = new CountedHeap();
    private final HttpBodies bodies = new HttpBodies(Long.MAX_VALUE, new LargeGarbage(heap));

    private static final class CountedHeap implements LargeGarbage.Heap {
        int collectedCount;
        long sizeBytes;

        @Override
        public void collect() {
            collectedCount++;
        }

        @Override
        public long sizeBytes() {
            return sizeBytes;
        }
    }

    private void takeBodies(int count, int bytes) {
        for (int i = 0; i < count; i++) {
            var body = new HttpBody(bodies, bytes);
            body.add(Unpooled.wrappedBuffer(new byte[bytes]));
            body.release();
        }
    }

    @Test
    void largeBodiesAreCollectedOnceTheyAreManyMegabytes() {
        takeBodies(127, MEBIBYTE);
        assertThat(heap.collectedCount).isZero();

        takeBodies(1, MEBIBYTE);
        assertThat(heap.collectedCount).isEqualTo(1);

        takeBodies(127, MEBIBYTE);
        assertThat(heap.collectedCount).isEqualTo(1);
    }

    @Test
    void aLargeHeapIsCollectedMoreSeldom() {
        heap.sizeBytes = 1024L * MEBIBYTE;
        takeBodies(128, MEBIBYTE);

        takeBodies(1023, MEBIBYTE);
        assertThat(heap.collectedCount).isEqualTo(1);

        takeBodies(1, MEBIBYTE);
        assertThat(heap.collectedCount).isEqualTo(2);
    }

    @Test
    void smallBodiesAreLeftToTheCollectorItself() {
        takeBodies(10_000, 100 * 1024);

        assertThat(heap.collectedCount).isZero();
    }
}
