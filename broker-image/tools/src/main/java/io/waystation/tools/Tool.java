package io.waystation.tools;

import io.waystation.daemon.Options;
import io.waystation.daemon.ProgramLog;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/// A command-line tool: its options and what it does. Immutable.
final class Tool {
    private static final int FAILED = 1;

    /// What a tool does, on the thread that runs it.
    @FunctionalInterface
    interface Body {
        void run(Settings settings, Terminal terminal) throws IOException, UsageException, InterruptedException;
    }

    private final Options options;
    private final Body body;

    Tool(Options options, Body body) {
        this.options = options;
        this.body = body;
    }

    /// Runs the tool as this process; the exit code. A signal opens the terminal's `stop` and waits until the
    /// tool has finished what it has in hand. The process then ends with the tool's exit code, as NSQ's tools do;
    /// the JVM alone would end it with the signal's number.
    int run(String[] arguments) {
        ProgramLog.start("", "warn");
        var terminal = new Terminal(System.in, System.out, System.err, new CountDownLatch(1), System::nanoTime);
        var ended = new CompletableFuture<Integer>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            terminal.stop().countDown();
            Runtime.getRuntime().halt(ended.join());
        }));
        int exitCode = FAILED;
        try {
            exitCode = run(arguments, terminal);
        } finally {
            ProgramLog.stop();
            ended.complete(exitCode);
        }
        return exitCode;
    }

    /// Runs the tool at a terminal; the exit code.
    int run(String[] arguments, Terminal terminal) {
        try {
            body.run(options.parse(arguments), terminal);
            return 0;
        } catch (UsageException problem) {
            var target = problem.exitCode() == 0 ? terminal.out() : terminal.err();
            target.println(problem.getMessage());
            return problem.exitCode();
        } catch (IOException failure) {
            terminal.say("ERROR: " + failure.getMessage());
            return FAILED;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return FAILED;
        } finally {
            terminal.out().flush();
        }
    }
}
