package io.waystation.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The operator as a process of its own.
class MainTest {
    private static final long LIMIT_S = 120;

    private record Ended(int exitCode, String output) {}

    private static Ended run(Map<String, String> environment, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.waystation.operator.Main"));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        var process = builder.start();
        try {
            process.getOutputStream().close();
            assertThat(process.waitFor(LIMIT_S, TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), output(process));
        } finally {
            process.destroyForcibly();
        }
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void withoutAnApiServerItEndsSoThatItIsStartedAgain() throws Exception {
        var nobody = Map.of(
                "KUBECONFIG", "/nonexistent", "KUBERNETES_MASTER", "http://127.0.0.1:1", "KUBERNETES_NAMESPACE", "x");

        var ended = run(nobody, "--health-port=0");

        assertThat(ended.output()).contains("operator did not start");
        assertThat(ended.exitCode()).isEqualTo(1);
    }

    @Test
    void aWrongOptionIsRefused() throws Exception {
        var ended = run(Map.of(), "--notice=soon");

        assertThat(ended.output()).contains("--notice: 'soon' (expected: a duration such as 500ms, 30s, 2m or 1h)");
        assertThat(ended.exitCode()).isEqualTo(2);
    }
}
