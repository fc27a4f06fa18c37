package io.waystation.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// `-Dlanes.seed=N` repeats one seed, `-Dlanes.seeds=N` runs so many.
final class LanesTest {
    private static final int STEPS = 2_000;

    private static final class Consumer implements Recipient {
        final int owner;
        boolean ready = true;

        Consumer(int owner) {
            this.owner = owner;
        }

        @Override
        public int owner() {
            return owner;
        }

        @Override
        public boolean isReady() {
            return ready;
        }
    }

    @Test
    void lanesAgreeWithTheirModel() {
        Long one = Long.getLong("lanes.seed");
        long first = one == null ? 0 : one;
        long count = one == null ? Long.getLong("lanes.seeds", 50L) : 1;

        for (long seed = first; seed < first + count; seed++) {
            try {
                new Run(seed).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "mvn -pl broker-image/channel -am verify -Dtest=LanesTest "
                                + "-Dsurefire.failIfNoSpecifiedTests=false -Dtest.jvm=-Dlanes.seed=" + seed,
                        e);
            }
        }
    }

    @Test
    void aConsumerThatJoinsMovesItsShareAndNoMore() {
        var lanes = new Lanes();
        for (int consumers = 1; consumers <= 100; consumers++) {
            var before = owners(lanes);
            var joined = new Consumer(consumers);
            lanes.join(joined);

            var after = owners(lanes);
            int moved = 0;
            for (int lane = 0; lane < Lanes.COUNT; lane++) {
                if (!Objects.equals(before.get(lane), after.get(lane))) {
                    assertThat(after.get(lane)).isSameAs(joined);
                    moved++;
                }
            }
            assertThat(moved).isEqualTo(Lanes.COUNT / consumers);
        }
    }

    @Test
    void keysSpreadOverTheLanes() {
        int[] counts = new int[Lanes.COUNT];
        int keys = 100 * Lanes.COUNT;
        for (int i = 0; i < keys; i++) {
            var key = ByteBuffer.wrap(("customer-" + i).getBytes(StandardCharsets.UTF_8));
            counts[Lanes.laneOf(key, 0, key.limit())]++;
        }

        for (int count : counts) {
            assertThat(count).isBetween(20, 300);
        }
    }

    @Test
    void moreConsumersThanLanesAreFineAndTheLastOneGetsAll() {
        var lanes = new Lanes();
        var consumers = new ArrayList<Consumer>();
        for (int i = 0; i < Lanes.COUNT + 100; i++) {
            consumers.add(new Consumer(i + 1));
            lanes.join(consumers.getLast());
        }
        while (consumers.size() > 1) {
            lanes.leave(consumers.removeFirst());
        }

        assertThat(owners(lanes)).containsOnly(consumers.getFirst());
    }

    private static List<Recipient> owners(Lanes lanes) {
        var owners = new ArrayList<Recipient>();
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            owners.add(lanes.owner(lane));
        }
        return owners;
    }

    private static final class Run {
        private final SplittableRandom random;
        private final Lanes lanes = new Lanes();
        private final List<Consumer> consumers = new ArrayList<>();
        private final int laneCount;
        private int lastOwner;
        private long nextOffset;

        /// The model: what waits in each lane, in order, and which lane each active offset is in.
        private final Map<Integer, ArrayDeque<Long>> waiting = new HashMap<>();

        private final Map<Long, Integer> active = new HashMap<>();

        Run(long seed) {
            random = new SplittableRandom(seed);
            laneCount = 1 + random.nextInt(30);
            for (int i = 0; i < laneCount; i++) {
                waiting.put(35 * i, new ArrayDeque<>());
            }
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                int dice = random.nextInt(100);
                if (dice < 3) {
                    consumers.add(new Consumer(++lastOwner));
                    lanes.join(consumers.getLast());
                    checkOwners();
                } else if (dice < 5 && !consumers.isEmpty()) {
                    lanes.leave(consumers.remove(random.nextInt(consumers.size())));
                    checkOwners();
                } else if (dice < 10) {
                    consumers.forEach(consumer -> consumer.ready = random.nextInt(4) > 0);
                } else if (dice < 40) {
                    arrive();
                } else if (dice < 65) {
                    take();
                } else if (dice < 100) {
                    resolve();
                }
                check();
            }
        }

        private void arrive() {
            int lane = 35 * random.nextInt(laneCount);
            long offset = nextOffset++;
            if (lanes.isIdle(lane) && lanes.owner(lane) != null && random.nextBoolean()) {
                lanes.start(lane, offset);
                active.put(offset, lane);
            } else {
                lanes.park(lane, offset);
                queue(lane).add(offset);
            }
        }

        private ArrayDeque<Long> queue(int lane) {
            var queue = waiting.get(lane);
            if (queue == null) {
                throw new AssertionError("lane " + lane + " was never used");
            }
            return queue;
        }

        private void take() {
            int lane = lanes.runnable();
            if (lane < 0) {
                assertThat(runnable()).isEmpty();
                return;
            }
            assertThat(runnable()).contains(lane);
            long offset = lanes.take(lane);
            assertThat(offset).isEqualTo(queue(lane).remove());
            active.put(offset, lane);
        }

        private Set<Integer> runnable() {
            var runnable = new HashSet<Integer>();
            waiting.forEach((lane, queue) -> {
                var owner = lanes.owner(lane);
                if (!queue.isEmpty() && !active.containsValue(lane) && owner != null && owner.isReady()) {
                    runnable.add(lane);
                }
            });
            return runnable;
        }

        private void resolve() {
            long offset =
                    active.isEmpty() ? nextOffset : List.copyOf(active.keySet()).get(random.nextInt(active.size()));
            Integer lane = active.remove(offset);
            if (random.nextBoolean()) {
                lanes.finish(offset);
            } else {
                assertThat(lanes.giveBack(offset)).isEqualTo(lane != null);
                if (lane != null) {
                    queue(lane).addFirst(offset);
                }
            }
        }

        private void check() {
            waiting.forEach((lane, queue) ->
                    assertThat(lanes.isIdle(lane)).isEqualTo(queue.isEmpty() && !active.containsValue(lane)));
        }

        private void checkOwners() {
            var counts = new HashMap<Recipient, Integer>();
            for (var owner : owners(lanes)) {
                if (owner == null) {
                    assertThat(consumers).isEmpty();
                } else {
                    counts.merge(owner, 1, Integer::sum);
                }
            }
            for (var entry : counts.entrySet()) {
                assertThat(consumers).contains((Consumer) entry.getKey());
                assertThat(entry.getValue()).isLessThanOrEqualTo(2 * Lanes.COUNT / consumers.size());
            }
        }
    }
}
