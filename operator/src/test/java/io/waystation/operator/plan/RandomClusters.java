package io.waystation.operator.plan;

import java.util.function.BiConsumer;

/// Checks what holds for all clusters on many random ones. The seed of a failure is in its message, with the command
/// that repeats it; `-Dplan.seeds=N` tries more of them.
final class RandomClusters {
    static final long SEEDS = Long.getLong("plan.seeds", 1000);

    private RandomClusters() {}

    static void forAll(BiConsumer<Long, ClusterFacts> check) {
        var only = Long.getLong("plan.seed");
        long first = only == null ? 0 : only;
        long count = only == null ? SEEDS : 1;
        for (long seed = first; seed < first + count; seed++) {
            try {
                check.accept(seed, new RandomCluster(seed).facts());
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError(
                        "seed " + seed + "; repeat it with: mvn -pl operator test"
                                + " -Dtest='Cluster*PropertyTest' -Dplan.seed=" + seed,
                        broken);
            }
        }
    }
}
