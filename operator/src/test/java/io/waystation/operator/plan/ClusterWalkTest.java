package io.waystation.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Random edits, troubles and deaths of the operator; the world itself notices a second broker that we stop, a broker
/// that leaves with messages, and a set that shrinks by an apply. The seed of a failure is in its message, with the
/// command that repeats it; `-Dwalk.seeds=N` tries more of them.
class ClusterWalkTest {
    private static final long SEEDS = Long.getLong("walk.seeds", 150);
    private static final int STEPS = 80;
    private static final int PASSES_TO_SETTLE = 150;
    private static final int NEVER = Integer.MAX_VALUE;

    @Test
    void whateverHappensNothingIsLostAndTheClusterSettlesWhenItIsLeftInPeace() {
        var only = Long.getLong("walk.seed");
        long first = only == null ? 0 : only;
        long count = only == null ? SEEDS : 1;
        for (long seed = first; seed < first + count; seed++) {
            try {
                walk(seed);
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError(
                        "seed " + seed + "; repeat it with: mvn -pl operator test -Dtest=ClusterWalkTest -Dwalk.seed="
                                + seed,
                        broken);
            }
        }
    }

    private static void walk(long seed) {
        var random = new SplittableRandom(seed);
        var world = new ClusterWorld(random, new RandomCluster(random.nextLong()).spec());

        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(8)) {
                case 0 -> world.world().trouble();
                case 1 -> {
                    if (random.nextInt(4) == 0) {
                        world.edit(new RandomCluster(random.nextLong()).spec());
                    }
                }
                case 2, 3 -> world.world().kubernetes(random.nextInt(3) == 0);
                case 4 -> world.world().clients(false);
                default -> world.pass(random.nextInt(3) == 0 ? random.nextInt(8) : NEVER);
            }
        }

        settles(world);
    }

    private static void settles(ClusterWorld world) {
        var last = world.pass(NEVER);
        for (int pass = 0; pass < PASSES_TO_SETTLE && !last.settled(); pass++) {
            world.world().kubernetes(true);
            world.world().clients(true);
            last = world.pass(NEVER);
        }

        assertThat(last.settled()).as("settled: %s", last.status()).isTrue();
        assertThat(Kstatus.of(last.status(), world.generation())).isEqualTo(Kstatus.CURRENT);
    }
}
