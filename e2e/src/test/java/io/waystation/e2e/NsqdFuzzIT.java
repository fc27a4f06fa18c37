package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.TestBroker;
import io.waystation.broker.TestDaemon;
import io.waystation.broker.transcript.NsqdView;
import io.waystation.broker.transcript.Transcript;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Conversations made of seeds, at our broker and at the real nsqd: both answer the same. `-Dfuzz.seed=N` plays one,
/// `-Dfuzz.first=N -Dfuzz.seeds=N` others than those of each build.
class NsqdFuzzIT {
    private static final String REPEAT = "mvn verify -pl e2e -am -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false"
            + " -Dfailsafe.failIfNoSpecifiedTests=false -Dit.test=NsqdFuzzIT -Dfuzz.seed=";
    private static final long SEEDS = 15;
    private static final long BYTE_BY_BYTE = 5;

    @TempDir
    Path directory;

    private String play(long seed, String name, TestDaemon.Start daemon) {
        var lines = FuzzTranscript.of(seed);
        try {
            var place = Files.createDirectories(directory.resolve(name + seed));
            return alike(Transcript.play(lines, daemon, place, seed % BYTE_BY_BYTE == 0));
        } catch (IOException | UsageException | RuntimeException | AssertionError failure) {
            throw new AssertionError("seed " + seed + " at " + name + ":\n" + String.join("\n", lines), failure);
        }
    }

    /// Heartbeats come when a machine is slow.
    private static String alike(String played) {
        return NsqdView.alike(played)
                .lines()
                .filter(line -> !line.endsWith("< heartbeat"))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void bothAnswerTheSame() {
        var one = Long.getLong("fuzz.seed");
        long first = one == null ? Long.getLong("fuzz.first", 1L) : one;
        long end = first + (one == null ? Long.getLong("fuzz.seeds", SEEDS) : 1);
        for (long seed = first; seed < end; seed++) {
            var expected = play(seed, "nsqd", RealNsqd::new);

            var played = play(seed, "ours", TestBroker::new);

            assertThat(played)
                    .as("seed %d, repeated by: %s%d", seed, REPEAT, seed)
                    .isEqualTo(expected);
        }
    }
}
