package io.waystation.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `waystation dev` in a process of its own, as the README starts it but for the ports.
class DevProgramTest {
    private static final Pattern PORTS = Pattern.compile("Ports: HTTP ([0-9]+),");

    @TempDir
    Path folder;

    private Process start(String... flags) throws IOException {
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Waystation.class.getName(),
                "dev",
                "--data-path=" + folder.resolve("messages"),
                "--tcp-port=0",
                "--http-port=0",
                "--lookup-tcp-port=0",
                "--lookup-http-port=0"));
        command.addAll(List.of(flags));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String publish(Process process) throws IOException, InterruptedException {
        var told = new StringBuilder();
        var output = process.inputReader();
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            told.append(line).append('\n');
            var ports = PORTS.matcher(line);
            if (ports.find()) {
                var uri = URI.create("http://127.0.0.1:" + ports.group(1) + "/pub?topic=test");
                return HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(uri)
                                        .POST(HttpRequest.BodyPublishers.ofString("hello"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
            }
        }
        throw new AssertionError("it ended before it was ready:\n" + told);
    }

    private static void takesAMessageAndEndsWithASignal(Process process) throws IOException, InterruptedException {
        try {
            assertThat(publish(process)).isEqualTo("OK");

            process.toHandle().destroy();

            assertThat(process.waitFor()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void withoutAFurtherFlagItTakesMessages() throws IOException, InterruptedException {
        takesAMessageAndEndsWithASignal(start());
    }

    @Test
    void theBrokersConfigurationFileCounts() throws IOException, InterruptedException {
        var file = Files.writeString(folder.resolve("broker.cfg"), "max_msg_size = 2\n");
        var process = start("--broker-config=" + file);
        try {
            assertThat(publish(process)).contains("MSG_TOO_BIG");
        } finally {
            process.destroyForcibly();
        }
    }
}
