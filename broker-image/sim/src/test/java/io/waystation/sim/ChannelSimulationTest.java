package io.waystation.sim;

import java.io.IOException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Channels, cursor log and deferred messages over a disk that fails.
///
/// `-Dsim.seed=N` repeats one seed, `-Dsim.seeds=N` runs so many.
final class ChannelSimulationTest {
    @Test
    void nothingAcknowledgedIsLostAndNothingFinishedReturns() throws IOException {
        Long one = Long.getLong("sim.seed");
        long first = one == null ? 0 : one;
        long count = one == null ? Long.getLong("sim.seeds", 300L) : 1;

        for (long seed = first; seed < first + count; seed++) {
            try {
                new ChannelSimulation(seed, UnaryOperator.identity()).run();
            } catch (AssertionError | IOException | RuntimeException e) {
                throw new AssertionError(
                        "mvn -pl broker-image/sim -am verify -Dtest=ChannelSimulationTest "
                                + "-Dsurefire.failIfNoSpecifiedTests=false -Dtest.jvm=-Dsim.seed=" + seed,
                        e);
            }
        }
    }
}
