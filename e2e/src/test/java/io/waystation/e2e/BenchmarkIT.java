package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The benchmark: its arithmetic, and a short look with it. What it measures is not judged here.
class BenchmarkIT {
    private static final Path E2E = Command.ROOT.resolve("e2e");
    private static final Duration RUN_LIMIT = Duration.ofMinutes(3);

    @TempDir
    Path directory;

    @Test
    void itsFiguresRatiosAndAimsAreRight() throws IOException {
        var output = Command.run(
                E2E, RUN_LIMIT, "python3", "-B", "-m", "unittest", "discover", "-t", ".", "-s", "benchmark");

        assertThat(output).containsPattern("Ran \\d{2} tests").contains("OK");
    }

    @Test
    void itsLoadIsWhatItSays() throws IOException {
        var output = Command.run(E2E.resolve("peers"), RUN_LIMIT, "go", "test", "./load");

        assertThat(output).contains("ok");
    }

    @Test
    void aShortLookPrintsATableAndLeavesNothingBehind() throws IOException {
        Peers.program("nsqd"); // built once, for all tests
        var json = directory.resolve("figures.json");

        var output = Command.run(
                directory,
                RUN_LIMIT,
                "env",
                "TMPDIR=" + directory,
                E2E.resolve("compare").toString(),
                "--quick",
                "--seconds=0.3",
                "--workloads=pub,thin",
                "--json=" + json.getFileName());

        assertThat(output)
                .containsPattern("\\| PUB, 2 connections, k msg/s \\| [0-9.]+ \\| [0-9.]+ \\| [0-9.]+ \\| ≥ 1.3 ×");
        assertThat(output).containsPattern("\\| deliver, thin client, k msg/s \\| [0-9.]+ \\| [0-9.]+ \\|");
        assertThat(json).content().contains("\"pub.rate\"", "\"thin_publish.client_cpu_us\"");
        try (var left = Files.list(directory)) {
            assertThat(left).containsExactly(json);
        }
    }
}
