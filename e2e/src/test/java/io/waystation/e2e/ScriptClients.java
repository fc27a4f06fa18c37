package io.waystation.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/// The clients that need no compiler, pynsq and nsqjs, with what they need from their registries.
final class ScriptClients {
    static final Path PYTHON_PROGRAM = Command.ROOT.resolve("e2e/clients/python/counted.py");
    private static final Duration BUILD_LIMIT = Duration.ofMinutes(5);

    private ScriptClients() {}

    /// The interpreter of an environment that has what the requirements say.
    static synchronized Path python() throws IOException {
        var environment = Command.TARGET.resolve("python");
        var requirements = Command.ROOT.resolve("e2e/clients/python/requirements.txt");
        var installed = environment.resolve("installed.txt");
        if (!Files.exists(installed) || Files.mismatch(installed, requirements) >= 0) {
            Command.run(Command.TARGET, BUILD_LIMIT, "python3", "-m", "venv", environment.toString());
            Command.run(
                    Command.TARGET,
                    BUILD_LIMIT,
                    environment.resolve("bin/pip").toString(),
                    "install",
                    "-q",
                    "-r",
                    requirements.toString());
            Files.copy(requirements, installed, StandardCopyOption.REPLACE_EXISTING);
        }
        return environment.resolve("bin/python");
    }

    /// The program beside its installed packages.
    static synchronized Path nodeProgram() throws IOException {
        var project = Files.createDirectories(Command.TARGET.resolve("node"));
        for (var file : new String[] {"package.json", "package-lock.json", "counted.js"}) {
            Files.copy(
                    Command.ROOT.resolve("e2e/clients/node").resolve(file),
                    project.resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        Command.run(project, BUILD_LIMIT, "npm", "ci", "--no-audit", "--no-fund");
        return project.resolve("counted.js");
    }
}
