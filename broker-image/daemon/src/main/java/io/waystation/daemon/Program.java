package io.waystation.daemon;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A daemon's life as a process: start, wait for a signal, stop in order. Runs on `main`'s thread.
public final class Program {
    private static final int FAILED = 1;
    private static final Logger LOG = LoggerFactory.getLogger(Program.class);

    /// Something that runs until it is closed. Closing must end by itself within the grace period of NSQ's own chart,
    /// 5 s.
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
        ProgramLog.start(
                settings.get(logPrefix),
                settings.get(logLevel),
                options.isDaemon() ? settings.get(Options.LOG_FORMAT) : ProgramLog.TEXT);
        announce(options, settings);
        var stopAsked = new CountDownLatch(1);
        var ended = new CompletableFuture<Integer>();
        // A JVM that a signal ends exits with 128 and the signal's number; NSQ's daemons exit with 0.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopAsked.countDown();
            Runtime.getRuntime().halt(ended.join());
        }));
        int exitCode = FAILED;
        try {
            exitCode = runUntil(stopAsked, options.program(), settings, start);
        } finally {
            ProgramLog.stop();
            // Whatever happened: the hook waits for this, and the end of the process for the hook.
            ended.complete(exitCode);
        }
        return exitCode;
    }

    private static void announce(Options options, Settings settings) {
        LOG.info(options.version());
        settings.warnings().forEach(LOG::warn);
        for (var option : options.all()) {
            if (settings.isGiven(option)) {
                LOG.atInfo()
                        .addKeyValue("option", option.name())
                        .addKeyValue("value", settings.text(option))
                        .addKeyValue("origin", settings.origin(option))
                        .log("effective");
            }
        }
    }

    private static int runUntil(CountDownLatch stopAsked, String program, Settings settings, Start start) {
        Daemon daemon;
        try {
            daemon = start.start(settings);
        } catch (UsageException | IOException failure) {
            ProgramLog.fatal("failed to instantiate " + program + " - " + failure.getMessage(), null);
            return FAILED;
        } catch (RuntimeException | Error bug) {
            ProgramLog.fatal("failed to instantiate " + program + " - " + bug, bug);
            return FAILED;
        }
        await(stopAsked);
        LOG.info("exiting");
        try {
            daemon.close();
            LOG.info("bye");
            return 0;
        } catch (IOException failure) {
            ProgramLog.fatal("failed to stop " + program + " - " + failure.getMessage(), null);
        } catch (RuntimeException | Error bug) {
            ProgramLog.fatal("failed to stop " + program + " - " + bug, bug);
        }
        return FAILED;
    }

    /// Prints what a command line was answered with; the exit code.
    public static int tell(UsageException problem) {
        var out = problem.exitCode() == 0 ? System.out : System.err;
        out.println(problem.getMessage());
        return problem.exitCode();
    }

    private static void await(CountDownLatch stopAsked) {
        try {
            stopAsked.await();
        } catch (InterruptedException asked) {
            LOG.info("interrupted: the program ends");
        }
    }
}
