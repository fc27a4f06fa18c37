package io.waystation.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The lookup's life as a process.
class LookupProgramTest {
    private static Process start(String... flags) throws IOException {
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                LookupProcess.class.getName()));
        command.addAll(List.of(flags));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /// SIGTERM; the process's own call for it also closes its output, which is to be read.
    private static void terminate(Process process) {
        assertThat(process.toHandle().destroy()).isTrue();
    }

    @Test
    void sigtermEndsItWithZero() throws IOException, InterruptedException {
        var process = start("--tcp-address=127.0.0.1:0", "--http-address=127.0.0.1:0");
        var log = process.inputReader();
        var line = log.readLine();
        while (!line.contains("INFO: ready")) {
            line = log.readLine();
        }

        terminate(process);

        assertThat(log.lines().toList()).last().asString().endsWith("INFO: bye");
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void anAddressThatIsNoneEndsItWithOneAndOneLine() throws IOException, InterruptedException {
        var process = start("--tcp-address=nowhere", "--log-level=warn");

        assertThat(process.inputReader().lines())
                .singleElement()
                .asString()
                .startsWith("[nsqlookupd] ")
                .endsWith(" FATAL: failed to instantiate nsqlookupd - tcp-address: 'nowhere' (expected: host:port)");
        assertThat(process.waitFor()).isEqualTo(1);
    }

    @Test
    void anUnknownFlagEndsItWithTwoAndTheNearestName() throws IOException, InterruptedException {
        var process = start("--tombstone-lifetme=1s");

        assertThat(process.inputReader().lines())
                .first()
                .isEqualTo("flag provided but not defined: -tombstone-lifetme (did you mean -tombstone-lifetime?)");
        assertThat(process.waitFor()).isEqualTo(2);
    }
}
