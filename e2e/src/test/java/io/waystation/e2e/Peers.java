package io.waystation.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/// The real programs of NSQ, built from their Go modules.
final class Peers {
    private static final Path BIN = Command.TARGET.resolve("peers/bin");
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(5);
    private static final Duration START_LIMIT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(5);

    private Peers() {}

    /// The path of a program, built when it is not there.
    static synchronized String program(String name) throws IOException {
        if (!Files.exists(BIN.resolve(name))) {
            Files.createDirectories(BIN);
            Command.run(
                    Command.ROOT.resolve("e2e/peers"),
                    BUILD_LIMIT,
                    "go",
                    "build",
                    "-trimpath",
                    "-o",
                    BIN + "/",
                    "tool");
        }
        return BIN.resolve(name).toString();
    }

    /// Starts a program.
    static Command start(Path directory, String name, String... flags) throws IOException {
        var words = new ArrayList<>(List.of(program(name)));
        words.addAll(List.of(flags));
        return Command.start(directory, words.toArray(String[]::new));
    }

    /// Starts a real nsqd on free ports.
    static Command nsqd(Path data, String... flags) throws IOException {
        var words = new ArrayList<>(List.of(
                "--tcp-address=127.0.0.1:0",
                "--http-address=127.0.0.1:0",
                "--broadcast-address=127.0.0.1",
                "--data-path=" + data));
        words.addAll(List.of(flags));
        return start(data, "nsqd", words.toArray(String[]::new));
    }

    /// The address that a program of NSQ says it listens on: `TCP` or `HTTP`.
    static String address(Command daemon, String protocol) throws IOException {
        var pattern = Pattern.compile(protocol + ": listening on (127\\.0\\.0\\.1:\\d+)");
        Awaitility.await(daemon + " listens")
                .pollInterval(POLL)
                .atMost(START_LIMIT)
                .until(() -> pattern.matcher(daemon.output()).find() || !daemon.isRunning());
        var matcher = pattern.matcher(daemon.output());
        if (!matcher.find()) {
            throw new IOException(daemon + " did not start:\n" + daemon.output());
        }
        return matcher.group(1);
    }
}
