package io.waystation.sim;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// A broker's topics, deleted and made again over a disk that fails.
///
/// `-Dsim.seed=N` repeats one seed, `-Dsim.seeds=N` runs so many, `-Dsim.first=N` begins there.
final class TopicsSimulationTest {
    @Test
    void nothingOfADeletedTopicReturnsAndNothingAcknowledgedIsLostWithIt() throws IOException {
        Long one = Long.getLong("sim.seed");
        long first = one == null ? Long.getLong("sim.first", 0L) : one;
        long count = one == null ? Long.getLong("sim.seeds", 300L) : 1;

        for (long seed = first; seed < first + count; seed++) {
            try {
                new TopicsSimulation(seed).run();
            } catch (AssertionError | IOException | RuntimeException e) {
                throw new AssertionError(
                        "mvn -pl broker-image/sim -am verify -Dtest=TopicsSimulationTest "
                                + "-Dsurefire.failIfNoSpecifiedTests=false -Dtest.jvm=-Dsim.seed=" + seed,
                        e);
            }
        }
    }
}
