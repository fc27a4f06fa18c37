package io.waystation.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class LongHeapTest {
    @Test
    void heapAgreesWithAPriorityQueue() {
        var random = new SplittableRandom(2);
        var heap = new LongHeap();
        var model = new PriorityQueue<Long>();

        for (int step = 0; step < 100_000; step++) {
            if (model.isEmpty() || random.nextInt(9) < 5) {
                long value = random.nextInt(1000);
                heap.add(value);
                model.add(value);
            } else {
                assertThat(heap.poll()).isEqualTo(model.poll());
            }
            assertThat(heap.size()).isEqualTo(model.size());
        }
    }

    @Test
    void arrayBecomesAHeap() {
        var random = new SplittableRandom(3);
        long[] values = random.longs(1001, 0, 500).toArray();
        long[] sorted = values.clone();
        Arrays.sort(sorted);

        var heap = new LongHeap(values, 1001);

        for (long expected : sorted) {
            assertThat(heap.poll()).isEqualTo(expected);
        }
        assertThat(heap.isEmpty()).isTrue();
    }
}
