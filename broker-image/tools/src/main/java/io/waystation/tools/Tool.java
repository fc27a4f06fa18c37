package io.waystation.tools;

import io.waystation.daemon.Options;
import io.waystation.daemon.Program;
import io.waystation.daemon.ProgramLog;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/// A command-line tool's life as a process.
final class Tool {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss", Locale.ROOT);

    /// What a tool does. `stop` opens when the user wants it to end.
    @FunctionalInterface
    interface Body {
        void run(Settings settings, CountDownLatch stop) throws IOException, UsageException, InterruptedException;
    }

    private Tool() {}

    /// Runs a tool to its end; the exit code.
    static int run(Options options, String[] arguments, Body body) {
        ProgramLog.start("", "warn");
        var stop = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        // A signal lets the tool finish what it has in hand; then the process ends with 0 as NSQ's tools do.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stop.countDown();
            try {
                ended.await();
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
            }
            Runtime.getRuntime().halt(0);
        }));
        int exitCode;
        try {
            body.run(options.parse(arguments), stop);
            exitCode = 0;
        } catch (UsageException problem) {
            exitCode = Program.tell(problem);
        } catch (IOException failure) {
            say("ERROR: " + failure.getMessage());
            exitCode = 1;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            exitCode = 1;
        }
        System.out.flush();
        ProgramLog.stop();
        if (stop.getCount() > 0) {
            Runtime.getRuntime().halt(exitCode);
        }
        ended.countDown();
        return exitCode;
    }

    /// A line on stderr, as Go's log package writes it.
    static void say(String text) {
        System.err.println(LocalDateTime.now(ZoneId.systemDefault()).format(TIME) + " " + text);
    }
}
