package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A daemon's life, each in a process of its own.
class ProgramTest {
    private static final String TIME = "\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}";

    private record Ended(int exitCode, List<String> output, List<String> log) {}

    private static Process start(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                // As the shipped programs have it.
                "-Dslf4j.provider=" + LogbackBinding.class.getName(),
                "-Dslf4j.internal.verbosity=WARN",
                "-cp",
                System.getProperty("java.class.path"),
                DaemonProcess.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).start();
    }

    /// SIGTERM; the process's own call for it also closes its output, which is to be read.
    private static void terminate(Process process) {
        assertThat(process.toHandle().destroy()).isTrue();
    }

    private static Ended end(Process process) throws InterruptedException {
        int exitCode = process.waitFor();
        var log = process.errorReader(StandardCharsets.UTF_8).lines().toList();
        var output = process.inputReader().lines().toList();
        return new Ended(exitCode, output, log);
    }

    @Test
    void sigtermEndsItWithZero() throws IOException, InterruptedException {
        var process = start("runs");
        assertThat(process.inputReader().readLine()).isEqualTo("started");

        terminate(process);
        var ended = end(process);

        assertThat(ended.exitCode()).isZero();
        assertThat(ended.log()).last().asString().matches("\\[test] " + TIME + " INFO: bye");
    }

    @ParameterizedTest
    @CsvSource({
        "fails, tcp-address: cannot listen on :1: taken",
        "has-a-bug, java.lang.IllegalStateException: bug",
        "has-an-error, java.lang.StackOverflowError"
    })
    void aStartThatFailsEndsItWithOneAndTheReason(String deed, String reason) throws IOException, InterruptedException {
        var ended = end(start("--log-level=fatal", deed));

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.log())
                .first()
                .asString()
                .matches("\\[test] " + TIME + " FATAL: failed to instantiate testd - \\Q" + reason + "\\E");
    }

    @Test
    void aStartThatFailsByTheWorldTellsItInOneLine() throws IOException, InterruptedException {
        var ended = end(start("--log-level=warn", "fails"));

        assertThat(ended.log()).hasSize(1);
    }

    @Test
    void anEndThatFailsIsToldAndEndsItWithOne() throws IOException, InterruptedException {
        var process = start("cannot-close");
        assertThat(process.inputReader().readLine()).isEqualTo("started");

        terminate(process);
        var ended = end(process);

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.log()).last().asString().endsWith(" FATAL: failed to stop testd - disk gone");
    }

    @Test
    void anUnknownFlagEndsItWithTwoAndTheUsageOnStderr() throws IOException, InterruptedException {
        var ended = end(start("--log-levl=info"));

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.output()).isEmpty();
        assertThat(ended.log())
                .startsWith("flag provided but not defined: -log-levl (did you mean -log-level?)", "Usage of testd:");
    }

    @Test
    void versionIsOnStdoutAndEndsItWithZero() throws IOException, InterruptedException {
        var ended = end(start("--version"));

        assertThat(ended.exitCode()).isZero();
        assertThat(ended.output()).singleElement().asString().startsWith("testd v1.3.0");
        assertThat(ended.log()).isEmpty();
    }

    @Test
    void whatIsGivenIsLoggedWithItsOrigin() throws IOException, InterruptedException {
        var process = start("--log-prefix=[x] ", "runs");
        assertThat(process.inputReader().readLine()).isEqualTo("started");

        terminate(process);
        var ended = end(process);

        assertThat(ended.log())
                .anyMatch(line -> line.startsWith("[x] ")
                        && line.endsWith(" INFO: effective option=log-prefix value=\"[x] \" origin=flag"));
    }
}
