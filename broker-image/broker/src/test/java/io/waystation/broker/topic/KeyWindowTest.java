package io.waystation.broker.topic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KeyWindowTest {
    private static final int MAX_KEYS = 64;

    /// Keys with few high bits, so that they meet in the table.
    private record Key(long high, long low, long timeMs, long offset) {}

    @Test
    void itRemembersWhatAListRemembers() {
        long seed = Long.getLong("test.seed", 1L);
        var random = new SplittableRandom(seed);
        var window = new KeyWindow(4096);
        var model = new ArrayDeque<Key>();
        long nowMs = 0;
        for (int step = 0; step < 100_000; step++) {
            nowMs += random.nextInt(3);
            var key = new Key(random.nextInt(8), random.nextInt(16), nowMs, step);
            boolean known = model.stream().anyMatch(other -> same(other, key));
            assertThat(window.contains(key.high, key.low))
                    .as("-Dtest.seed=%d, step %d", seed, step)
                    .isEqualTo(known);
            int dice = random.nextInt(20);
            if (dice == 0) {
                window.remove(key.high, key.low);
                model.removeIf(other -> same(other, key));
            } else if (dice == 1) {
                long from = step - random.nextLong(10);
                window.removeIf(place -> place >= from, (high, low) -> {});
                model.removeIf(other -> other.offset >= from);
            } else if (dice < 4) {
                long beforeMs = nowMs - random.nextInt(200);
                window.expire(beforeMs);
                model.removeIf(other -> other.timeMs < beforeMs);
            } else if (!known && model.size() < MAX_KEYS / 2) {
                window.add(key.high, key.low, nowMs, step);
                model.add(key);
            }
            assertThat(window.size()).isEqualTo(model.size());
        }
    }

    private static boolean same(Key one, Key other) {
        return one.high == other.high && one.low == other.low;
    }

    @Test
    void atTheBoundTheOldestMakesRoomAndIsCounted() {
        var window = new KeyWindow(MAX_KEYS);
        for (int i = 0; i < MAX_KEYS + 3; i++) {
            window.add(i, i, 0, i);
        }

        assertThat(window.size()).isEqualTo(MAX_KEYS);
        assertThat(window.evictedCount()).isEqualTo(3);
        assertThat(window.contains(2, 2)).isFalse();
        assertThat(window.contains(3, 3)).isTrue();
    }
}
