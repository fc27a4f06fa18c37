package io.waystation.sim;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// A channel's rules and its dead-letter topic, killed at any moment.
///
/// `-Drules.seed=N` repeats one seed, `-Drules.seeds=N` runs so many.
final class RuleSimulationTest {
    @Test
    void eachMessageEndsOnceAndInTheOrderThatItsChannelPromises() throws IOException {
        Long one = Long.getLong("rules.seed");
        long first = one == null ? 0 : one;
        long count = one == null ? Long.getLong("rules.seeds", 300L) : 1;

        for (long seed = first; seed < first + count; seed++) {
            try {
                new RuleSimulation(seed).run();
            } catch (AssertionError | IOException | RuntimeException e) {
                throw new AssertionError(
                        "mvn -pl broker-image/sim -am verify -Dtest=RuleSimulationTest "
                                + "-Dsurefire.failIfNoSpecifiedTests=false -Dtest.jvm=-Drules.seed=" + seed,
                        e);
            }
        }
    }
}
