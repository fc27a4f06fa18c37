package io.waystation.broker;

import static io.waystation.broker.TestClient.pub;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The broker as a process of its own: exit codes, what stands on stderr, signals.
class BrokerProcessTest {
    private static final Pattern READY = Pattern.compile("ready tcpPort=(\\d+)");
    private static final long TIMEOUT_S = 30;

    @TempDir
    Path data;

    /// What [BrokerProgram] is in the image.
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) {
            System.exit(BrokerProgram.run(arguments));
        }
    }

    private static Process start(String... flags) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--tcp-address=127.0.0.1:0",
                "--http-address=127.0.0.1:0"));
        command.addAll(List.of(flags));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private Process startHere(String... flags) throws IOException {
        var all = new ArrayList<>(List.of("--min-free-bytes=0", "--data-path=" + data));
        all.addAll(List.of(flags));
        return start(all.toArray(String[]::new));
    }

    /// Reads stderr up to the line that says that it serves; the TCP port.
    private static int awaitReady(BufferedReader stderr) throws IOException {
        var lines = new ArrayList<String>();
        for (var line = stderr.readLine(); line != null; line = stderr.readLine()) {
            lines.add(line);
            Matcher ready = READY.matcher(line);
            if (ready.find()) {
                return Integer.parseInt(ready.group(1));
            }
        }
        throw new AssertionError("the broker ended before it was ready: " + lines);
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)).as("it ends").isTrue();
        return process.exitValue();
    }

    private static String stderr(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void aSecondProcessOnADirectoryIsRefusedAndTheFirstGoesOn() throws IOException, InterruptedException {
        var first = startHere();
        try (var stderr = first.errorReader()) {
            int port = awaitReady(stderr);

            var second = startHere();
            var told = stderr(second);

            assertThat(exitCode(second)).isEqualTo(1);
            assertThat(told)
                    .contains("FATAL: failed to instantiate nsqd - data-path: " + data + " is in use by process "
                            + first.pid());
            try (var client = TestClient.open(port)) {
                client.send(pub("t", "x"));
                client.expect("OK");
            }
        } finally {
            first.destroyForcibly();
        }
    }

    @Test
    void whatWasAcknowledgedSurvivesKillMinusNine() throws IOException, InterruptedException {
        var killed = startHere();
        try (var stderr = killed.errorReader();
                var client = TestClient.open(awaitReady(stderr))) {
            for (int i = 0; i < 100; i++) {
                client.send(pub("t", "message " + i));
                client.expect("OK");
            }
        } finally {
            killed.destroyForcibly();
        }
        assertThat(exitCode(killed)).isEqualTo(128 + 9);

        var again = startHere();
        try (var stderr = again.errorReader();
                var consumer = TestClient.consumer(awaitReady(stderr), "t", "c", 100)) {
            for (int i = 0; i < 100; i++) {
                assertThat(consumer.message().body()).isEqualTo("message " + i);
            }
        } finally {
            again.destroyForcibly();
        }
    }

    @Test
    void sigtermEndsCleanlyAndFreesTheDirectory() throws IOException, InterruptedException {
        for (int round = 0; round < 2; round++) {
            var broker = startHere();
            try (var stderr = broker.errorReader()) {
                awaitReady(stderr);
                // Unlike the process's own method this one leaves stderr open.
                broker.toHandle().destroy();
                var last = stderr.lines().toList().getLast();

                assertThat(exitCode(broker)).isZero();
                assertThat(last).endsWith("INFO: bye");
            } finally {
                broker.destroyForcibly();
            }
        }
    }

    @Test
    void aDirectoryThatIsNotThereEndsTheProcess() throws IOException, InterruptedException {
        var broker = start("--data-path=" + data.resolve("absent"));
        var told = stderr(broker);

        assertThat(exitCode(broker)).isEqualTo(1);
        assertThat(told)
                .contains("FATAL: failed to instantiate nsqd - data-path: " + data.resolve("absent")
                        + " does not exist (expected: ");
    }

    @Test
    void aPortThatIsTakenEndsTheProcessAndFreesTheDirectory() throws IOException, InterruptedException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var broker = start(
                    "--data-path=" + data, "--tcp-address=127.0.0.1:" + taken.getLocalPort(), "--min-free-bytes=0");
            var told = stderr(broker);

            assertThat(exitCode(broker)).isEqualTo(1);
            assertThat(told)
                    .contains("FATAL: failed to instantiate nsqd - tcp-address: cannot listen on 127.0.0.1:"
                            + taken.getLocalPort());
        }
    }

    @Test
    void theLogIsJsonWhenAskedForAndItsLevelChangesLive() throws IOException, InterruptedException {
        var broker = startHere("--log-format=json", "--sync-every=5");
        try (var stderr = broker.errorReader();
                var http = HttpClient.newHttpClient()) {
            var lines = new ArrayList<String>();
            int httpPort = Integer.parseInt(awaitLine(stderr, lines, "\"message\":\"ready\".*\"httpPort\":(\\d+)"));
            var level = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/config/log_level"))
                    .PUT(HttpRequest.BodyPublishers.ofString("debug"))
                    .build();
            http.send(level, HttpResponse.BodyHandlers.discarding());
            http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/topic/create?topic=t"))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            broker.toHandle().destroy();
            awaitLine(stderr, lines, "\"level\":\"DEBUG\",\"message\":\"(topic closed)\"");

            assertThat(lines).allMatch(line -> line.startsWith("{\"time\":\"") && line.endsWith("}"));
            assertThat(lines)
                    .anyMatch(line -> line.contains("\"level\":\"WARNING\",\"message\":\"sync-every: no effect"));
        } finally {
            broker.destroyForcibly();
        }
    }

    /// Reads until a line has the pattern; what its group matched.
    private static String awaitLine(BufferedReader stderr, List<String> lines, String pattern) throws IOException {
        var wanted = Pattern.compile(pattern);
        for (var line = stderr.readLine(); line != null; line = stderr.readLine()) {
            lines.add(line);
            var found = wanted.matcher(line);
            if (found.find()) {
                return found.group(1);
            }
        }
        throw new AssertionError("no line has " + pattern + ": " + lines);
    }

    @Test
    void anUnknownFlagExitsWithTwo() throws IOException, InterruptedException {
        var broker = start("--no-such-flag=1");
        var told = stderr(broker);

        assertThat(exitCode(broker)).isEqualTo(2);
        assertThat(told).contains("no-such-flag");
    }
}
