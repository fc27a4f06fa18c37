package io.waystation.daemon;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A daemon's life as a process: start, wait for a signal, stop in order.
public final class Program {
    /// Something that runs until it is closed. Closing must end by itself within the grace period of NSQ's own chart, 5
    /// s.
    @FunctionalInterface
    public interface Daemon {
        void close() throws IOException;
    }

    /// Starts a daemon; what it throws ends the process with exit code 1.
    @FunctionalInterface
    public interface Start {
        Daemon start(Settings settings) throws IOException, UsageException;
    }

    private Program() {}

    /// Runs a daemon until SIGTERM or SIGINT; the exit code.
    public static int run(
            Options options, Option<String> logPrefix, Option<String> logLevel, String[] arguments, Start start) {
        Settings settings;
        try {
            settings = options.parse(arguments);
        } catch (UsageException problem) {
            return tell(problem);
        }
        ProgramLog.start(settings.get(logPrefix), settings.get(logLevel));
        var log = LoggerFactory.getLogger(Program.class);
        log.info(options.version());
        for (var line : Options.deprecations(settings)) {
            log.warn(line);
        }
        for (var option : options.all()) {
            if (settings.isGiven(option)) {
                log.atInfo()
                        .addKeyValue("option", option.name())
                        .addKeyValue("value", settings.text(option))
                        .addKeyValue("origin", settings.origin(option))
                        .log("effective");
            }
        }
        var stopAsked = new CountDownLatch(1);
        var stopped = new CompletableFuture<Integer>();
        // A JVM that a signal ends exits with 128 and the signal's number; NSQ's daemons exit with 0.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopAsked.countDown();
            Runtime.getRuntime().halt(stopped.join());
        }));
        int exitCode = runUntil(stopAsked, settings, start, log);
        ProgramLog.stop();
        stopped.complete(exitCode);
        return exitCode;
    }

    private static int runUntil(CountDownLatch stopAsked, Settings settings, Start start, Logger log) {
        try {
            var daemon = start.start(settings);
            await(stopAsked);
            log.info("exiting");
            daemon.close();
            log.info("bye");
            return 0;
        } catch (UsageException problem) {
            log.error("FATAL: failed to start - " + problem.getMessage());
            return 1;
        } catch (IOException failure) {
            log.error("FATAL: " + failure.getMessage());
            return 1;
        }
    }

    /// Prints what a command line was answered with; the exit code.
    public static int tell(UsageException problem) {
        var out = problem.exitCode() == 0 ? System.out : System.err;
        out.println(problem.getMessage());
        return problem.exitCode();
    }

    private static void await(CountDownLatch latch) {
        boolean interrupted = true;
        while (interrupted) {
            try {
                latch.await();
                interrupted = false;
            } catch (InterruptedException notMeant) {
                // nobody interrupts these threads with a purpose
            }
        }
    }
}
