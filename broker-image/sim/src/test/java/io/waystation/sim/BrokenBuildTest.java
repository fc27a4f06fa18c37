package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.log.FileStore;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A simulation that lets a broken build pass is worth nothing.
class BrokenBuildTest {
    /// Far fewer than the simulations run on the sound build.
    private static final int SEEDS = 100;

    private interface Simulation {
        void run(long seed, UnaryOperator<FileStore> build) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void theSimulationOfChannelsCatchesIt(BrokenFiles.Mistake mistake) {
        isCaught((seed, build) -> new ChannelSimulation(seed, build).run(), mistake);
    }

    @ParameterizedTest
    @EnumSource
    void theSimulationOfATopicCatchesIt(BrokenFiles.Mistake mistake) {
        isCaught((seed, build) -> new TopicSimulation(seed, build).run(), mistake);
    }

    @ParameterizedTest
    @EnumSource
    void theSimulationOfDeletedTopicsCatchesIt(BrokenFiles.Mistake mistake) {
        isCaught((seed, build) -> new TopicsSimulation(seed, build).run(), mistake);
    }

    private static void isCaught(Simulation simulation, BrokenFiles.Mistake mistake) {
        UnaryOperator<FileStore> build = files -> new BrokenFiles(files, mistake);

        int caught = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            caught += passes(simulation, seed, build) ? 0 : 1;
        }

        assertThat(caught).as("seeds of %d that fail with %s", SEEDS, mistake).isPositive();
    }

    private static boolean passes(Simulation simulation, long seed, UnaryOperator<FileStore> build) {
        try {
            simulation.run(seed, build);
            return true;
        } catch (AssertionError | IOException | RuntimeException caught) {
            return false;
        }
    }
}
