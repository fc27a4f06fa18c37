package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// NSQ's clients in their own languages, from their package registries, against a broker and a lookup as a user starts
/// them.
class ClientsIT {
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
        try (var daemons = new Daemons(data)) {
            var output = Command.run(
                    data,
                    RUN_LIMIT,
                    ScriptClients.python().toString(),
                    ScriptClients.PYTHON_PROGRAM.toString(),
                    "pynsq",
                    "1000",
                    daemons.broker(),
                    daemons.lookup());

            assertThat(output).contains("acknowledged 1000", "distinct 1000");
        }
    }

    @Test
    void nsqjsGetsWhatItPublished() throws IOException {
        try (var daemons = new Daemons(data)) {
            var output = Command.run(
                    data,
                    RUN_LIMIT,
                    "node",
                    ScriptClients.nodeProgram().toString(),
                    "nsqjs",
                    "1000",
                    daemons.broker(),
                    daemons.lookup());

            assertThat(output).contains("acknowledged 1000", "distinct 1000");
        }
    }
}
