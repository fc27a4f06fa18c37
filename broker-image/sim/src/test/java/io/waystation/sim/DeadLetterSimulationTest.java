package io.waystation.sim;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// `-Dletters.seed=N` repeats one seed, `-Dletters.seeds=N` runs so many.
final class DeadLetterSimulationTest {
    @Test
    void aMessageThatIsGivenUpHasOneLetterWheneverTheProcessIsKilled() throws IOException {
        Long one = Long.getLong("letters.seed");
        long first = one == null ? 0 : one;
        long count = one == null ? Long.getLong("letters.seeds", 300L) : 1;

        for (long seed = first; seed < first + count; seed++) {
            try {
                new DeadLetterSimulation(seed).run();
            } catch (AssertionError | IOException | RuntimeException e) {
                throw new AssertionError(
                        "mvn -pl broker-image/sim -am verify -Dtest=DeadLetterSimulationTest "
                                + "-Dsurefire.failIfNoSpecifiedTests=false -Dtest.jvm=-Dletters.seed=" + seed,
                        e);
            }
        }
    }
}
