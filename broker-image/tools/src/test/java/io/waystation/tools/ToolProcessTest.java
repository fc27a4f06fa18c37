package io.waystation.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.client.LiveBroker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Signals, pipes and exit codes, with tools as processes.
class ToolProcessTest {
    private static final int TIMEOUT_S = 30;

    @TempDir
    private Path data;

    private LiveBroker broker;
    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void startBroker() throws Exception {
        broker = new LiveBroker(data);
        broker.createChannel("events", "archive");
    }

    @AfterEach
    void closeBroker() throws IOException {
        processes.forEach(Process::destroyForcibly);
        broker.close();
    }

    private Process start(String... command) throws IOException {
        var line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ToolMain.class.getName()));
        line.addAll(List.of(command));
        var process = new ProcessBuilder(line).start();
        processes.add(process);
        return process;
    }

    private Process tail(String... more) throws IOException {
        var command = new ArrayList<>(List.of(
                "nsq_tail", "--topic=events", "--channel=archive", "--nsqd-tcp-address=" + broker.tcpAddress()));
        command.addAll(List.of(more));
        return start(command.toArray(String[]::new));
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /// SIGTERM alone; [Process#destroy] closes the pipes as well.
    private static void terminate(Process process) {
        process.toHandle().destroy();
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void sigtermEndsATailWith0AndLeavesNothingInFlight() throws Exception {
        for (int i = 0; i < 500; i++) {
            broker.publish("events", "message " + i);
        }
        var process = tail();
        long printed;
        try (var out = reader(process)) {
            out.readLine();

            terminate(process);
            printed = 1 + out.lines().count();
        }

        assertThat(exitCode(process)).isZero();
        broker.await("events", "archive", "in_flight_count", 0);
        broker.await("events", "archive", "depth", 500 - printed);
    }

    @Test
    void aTailThatPrintedEnoughEndsWith0() throws Exception {
        broker.publish("events", "one");
        var process = tail("-n", "1");

        var out = process.getInputStream().readAllBytes();

        assertThat(exitCode(process)).isZero();
        assertThat(new String(out, StandardCharsets.UTF_8)).isEqualTo("one\n");
    }

    @Test
    void aTailWhoseReaderIsGoneEndsWith1() throws Exception {
        broker.publish("events", "one");
        var process = tail();
        try (var out = reader(process)) {
            out.readLine();
        }

        broker.publish("events", "two");

        assertThat(exitCode(process)).isEqualTo(1);
        broker.await("events", "archive", "depth", 1);
    }

    @Test
    void sigtermEndsToNsqThoughItsInputIsOpen() throws Exception {
        var process = start("to_nsq", "--topic=events", "--nsqd-tcp-address=" + broker.tcpAddress());
        var input = process.getOutputStream();
        input.write("one\n".getBytes(StandardCharsets.UTF_8));
        input.flush();
        broker.await("events", "archive", "depth", 1);

        terminate(process);

        assertThat(exitCode(process)).isZero();
    }

    @Test
    void sigtermEndsNsqStat() throws Exception {
        var process = start(
                "nsq_stat",
                "--topic=events",
                "--channel=archive",
                "--interval=1h",
                "--nsqd-http-address=" + broker.httpAddress());
        try (var out = reader(process)) {
            out.readLine();

            terminate(process);

            assertThat(exitCode(process)).isZero();
        }
    }

    @Test
    void anUnknownFlagEndsWith2() throws Exception {
        var process = start("to_nsq", "--nonsense");

        assertThat(exitCode(process)).isEqualTo(2);
    }
}
