package io.waystation.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class LongMapTest {
    @Test
    void mapAgreesWithAHashMap() {
        var random = new SplittableRandom(1);
        var map = new LongMap();
        var model = new HashMap<Long, Long>();

        for (int step = 0; step < 100_000; step++) {
            long key = random.nextInt(200);
            if (random.nextInt(5) < 2) {
                map.put(key, step);
                model.put(key, (long) step);
            } else {
                map.remove(key);
                model.remove(key);
            }
            long other = random.nextInt(200);
            assertThat(map.get(other, -7)).isEqualTo(model.getOrDefault(other, -7L));
            assertThat(map.size()).isEqualTo(model.size());
        }

        assertThat(map.sortedKeys())
                .containsExactly(
                        model.keySet().stream().mapToLong(k -> k).sorted().toArray());
    }
}
