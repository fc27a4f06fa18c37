package io.waystation.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// Our counting producer and consumer on go-nsq, built as a static program.
final class GoClient {
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(5);

    private GoClient() {}

    static synchronized Path build() throws IOException {
        var program = Command.TARGET.resolve("clients/counted");
        Files.createDirectories(Command.TARGET.resolve("clients"));
        Command.run(
                Command.ROOT.resolve("e2e/clients/go"),
                BUILD_LIMIT,
                "env",
                "CGO_ENABLED=0",
                "go",
                "build",
                "-trimpath",
                "-o",
                program.toString(),
                ".");
        return program;
    }
}
