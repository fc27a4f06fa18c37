package io.waystation.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program of the machine, run to its end or in the background; its output goes to a file that failures quote.
final class Command implements AutoCloseable {
    static final Path ROOT = Path.of(System.getProperty("waystation.root", ".."))
            .toAbsolutePath()
            .normalize();
    static final Path TARGET = ROOT.resolve("e2e/target");

    private final List<String> words;
    private final Path log;
    private final Process process;

    private Command(Path directory, List<String> words) throws IOException {
        this.words = words;
        Files.createDirectories(TARGET.resolve("commands"));
        this.log = Files.createTempFile(TARGET.resolve("commands"), "", ".log");
        this.process = new ProcessBuilder(words)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        process.getOutputStream().close();
    }

    static Command start(Path directory, String... words) throws IOException {
        return new Command(directory, List.of(words));
    }

    /// Runs a program to its end; what it printed. Throws when it fails or takes too long.
    static String run(Path directory, Duration limit, String... words) throws IOException {
        try (var command = start(directory, words)) {
            return command.await(limit);
        }
    }

    /// Waits for the program's success; what it printed.
    String await(Duration limit) throws IOException {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(this + " was not done after " + limit + ":\n" + output());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
        if (process.exitValue() != 0) {
            throw new IOException(this + " ended with " + process.exitValue() + ":\n" + output());
        }
        return output();
    }

    String output() throws IOException {
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /// SIGKILL, and its end.
    void kill() throws IOException {
        process.destroyForcibly();
        awaitEnd();
    }

    /// SIGTERM, and its end.
    void terminate() throws IOException {
        process.destroy();
        awaitEnd();
    }

    int exitCode() {
        return process.exitValue();
    }

    private void awaitEnd() throws IOException {
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(this + " did not end within 10 s:\n" + output());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    @Override
    public String toString() {
        return String.join(" ", new ArrayList<>(words));
    }
}
