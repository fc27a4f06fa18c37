package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// NSQ's clients in their own languages, from their package registries, against a broker and a lookup as a user starts
/// them.
class ClientsIT {
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(5);
    private static final Duration RUN_LIMIT = Duration.ofMinutes(2);

    @TempDir
    Path data;

    @Test
    void goNsqGetsWhatItPublished() throws IOException {
        var counted = GoClient.build();
        try (var daemons = new Daemons(data);
                var producer = Command.start(
                        data, counted.toString(), "produce", "-topic", "go", "-count", "2000", daemons.broker())) {
            var consumed = Command.run(
                    data, RUN_LIMIT, counted.toString(), "consume", "-topic", "go", "-count", "2000", daemons.lookup());

            assertThat(producer.await(RUN_LIMIT)).contains("acknowledged 2000");
            assertThat(consumed).contains("distinct 2000 duplicates 0");
            assertThat(daemons.stopBroker()).isZero();
        }
    }

    @Test
    void aBrokerKilledUnderLoadLosesNothingThatItAcknowledged() throws IOException {
        var counted = GoClient.build();
        try (var daemons = new Daemons(data);
                var producer = Command.start(
                        data,
                        counted.toString(),
                        "produce",
                        "-topic",
                        "killed",
                        "-count",
                        "6000",
                        "-rate",
                        "1000",
                        daemons.broker());
                var consumer = Command.start(
                        data, counted.toString(), "consume", "-topic", "killed", "-count", "6000", daemons.lookup())) {
            for (int kills = 0; kills < 3; kills++) {
                daemons.killBroker();
            }

            assertThat(producer.await(RUN_LIMIT)).contains("acknowledged 6000");
            assertThat(consumer.await(RUN_LIMIT)).contains("distinct 6000");
        }
    }

    @Test
    void pynsqGetsWhatItPublished() throws IOException {
        var environment = Command.TARGET.resolve("python");
        if (!Files.exists(environment.resolve("ready"))) {
            Command.run(Command.TARGET, BUILD_LIMIT, "python3", "-m", "venv", environment.toString());
            Command.run(
                    Command.TARGET,
                    BUILD_LIMIT,
                    environment.resolve("bin/pip").toString(),
                    "install",
                    "-q",
                    "-r",
                    Command.ROOT.resolve("e2e/clients/python/requirements.txt").toString());
            Files.createFile(environment.resolve("ready"));
        }
        try (var daemons = new Daemons(data)) {
            var output = Command.run(
                    data,
                    RUN_LIMIT,
                    environment.resolve("bin/python").toString(),
                    Command.ROOT.resolve("e2e/clients/python/counted.py").toString(),
                    "pynsq",
                    "1000",
                    daemons.broker(),
                    daemons.lookup());

            assertThat(output).contains("acknowledged 1000", "distinct 1000");
        }
    }

    @Test
    void nsqjsGetsWhatItPublished() throws IOException {
        var project = Files.createDirectories(Command.TARGET.resolve("node"));
        for (var file : new String[] {"package.json", "package-lock.json", "counted.js"}) {
            Files.copy(
                    Command.ROOT.resolve("e2e/clients/node").resolve(file),
                    project.resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        Command.run(project, BUILD_LIMIT, "npm", "ci", "--no-audit", "--no-fund");
        try (var daemons = new Daemons(data)) {
            var output = Command.run(
                    data,
                    RUN_LIMIT,
                    "node",
                    project.resolve("counted.js").toString(),
                    "nsqjs",
                    "1000",
                    daemons.broker(),
                    daemons.lookup());

            assertThat(output).contains("acknowledged 1000", "distinct 1000");
        }
    }
}
