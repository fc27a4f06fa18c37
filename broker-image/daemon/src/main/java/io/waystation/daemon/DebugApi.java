package io.waystation.daemon;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;
import jdk.jfr.Configuration;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;

/// What Go's daemons offer developers below `/debug/pprof/`, as far as a JVM has it: the same paths, a JVM's formats.
/// Safe from any thread: its only state is a semaphore.
public final class DebugApi {
    private static final String DEFAULT_SECONDS = "30";
    private static final Pattern SECONDS = Pattern.compile("[1-9][0-9]{0,2}");
    private static final String NO_SYMBOLS = "num_symbols: 0\n";
    private static final int MAX_SYMBOLS_BYTES = 1024 * 1024;
    private static final long MAX_RECORDING_BYTES = 16L * 1024 * 1024;
    private static final Map<String, String> PAGES = new TreeMap<>(Map.of(
            "block", "the platform threads that wait for a lock, and what for",
            "cmdline", "the command line, its words with a zero byte between them",
            "goroutine", "every platform thread and its stack",
            "heap", "objects in the heap by class",
            "symbol", "how many symbols can be looked up: none, since a JVM's stacks carry their names",
            "threadcreate", "how many platform threads there are, were at most and were made",
            "profile", "a flight recording, of 30 s or of ?seconds=N"));

    /// Recordings take time and disk, so there is one at once.
    private final Semaphore recordings = new Semaphore(1);

    /// Adds the routes.
    public void addTo(HttpApi api) {
        api.route("GET", "/debug/pprof/", 0, request -> HttpReply.plain(200, index()));
        api.largeRoute("GET", "/debug/pprof/:page", 0, this::page);
        // Go's tools post the addresses that they want to know the names of.
        api.route("POST", "/debug/pprof/symbol", MAX_SYMBOLS_BYTES, request -> HttpReply.plain(200, NO_SYMBOLS));
    }

    private static String index() {
        var text = new StringBuilder();
        PAGES.forEach((name, content) ->
                text.append(name).append('\t').append(content).append('\n'));
        return text.toString();
    }

    private HttpReply page(HttpRequest request) throws IOException {
        return switch (request.path("page")) {
            case "block" -> HttpReply.plain(200, blockedThreads());
            case "symbol" -> HttpReply.plain(200, NO_SYMBOLS);
            case "threadcreate" -> HttpReply.plain(200, threadCounts());
            case "cmdline" -> HttpReply.plain(200, commandLine());
            case "goroutine" -> HttpReply.plain(200, diagnosis("threadPrint"));
            case "heap" -> HttpReply.plain(200, diagnosis("gcClassHistogram"));
            case "profile" -> profile(request);
            default -> HttpReply.error(404, "NOT_FOUND");
        };
    }

    private static String commandLine() {
        var info = ProcessHandle.current().info();
        return info.command().orElse("") + "\0"
                + String.join("\0", info.arguments().orElse(new String[0]));
    }

    private static String blockedThreads() {
        var text = new StringBuilder();
        for (var thread : ManagementFactory.getThreadMXBean().dumpAllThreads(true, true)) {
            if (thread.getThreadState() == Thread.State.BLOCKED) {
                text.append(thread);
            }
        }
        return text.isEmpty() ? "no thread waits for a lock\n" : text.toString();
    }

    private static String threadCounts() {
        var threads = ManagementFactory.getThreadMXBean();
        return "present\t" + threads.getThreadCount() + "\npeak\t" + threads.getPeakThreadCount() + "\nmade\t"
                + threads.getTotalStartedThreadCount() + "\n";
    }

    /// What `jcmd` prints for a command.
    private static String diagnosis(String command) throws IOException {
        try {
            var name = new ObjectName("com.sun.management:type=DiagnosticCommand");
            var arguments = new Object[] {new String[0]};
            var types = new String[] {String[].class.getName()};
            return String.valueOf(ManagementFactory.getPlatformMBeanServer().invoke(name, command, arguments, types));
        } catch (JMException absent) {
            throw new IOException(command + " is not available: " + absent.getMessage(), absent);
        }
    }

    private HttpReply profile(HttpRequest request) throws IOException {
        var given = request.query("seconds");
        var seconds = given == null ? DEFAULT_SECONDS : given;
        if (!SECONDS.matcher(seconds).matches()) {
            return HttpReply.plain(400, "seconds: " + seconds + " (expected: 1..999)");
        }
        if (!recordings.tryAcquire()) {
            return HttpReply.plain(503, "a flight recording is under way (expected: one at once)");
        }
        try {
            return HttpReply.bytes(recording(Duration.ofSeconds(Long.parseLong(seconds))));
        } finally {
            recordings.release();
        }
    }

    private static byte[] recording(Duration duration) throws IOException {
        var ended = new CountDownLatch(1);
        try (var recording = new Recording(Configuration.getConfiguration("profile"))) {
            var listener = new FlightRecorderListener() {
                @Override
                public void recordingStateChanged(Recording changed) {
                    if (changed.getId() == recording.getId() && changed.getState() == RecordingState.STOPPED) {
                        ended.countDown();
                    }
                }
            };
            FlightRecorder.addListener(listener);
            try {
                recording.setMaxSize(MAX_RECORDING_BYTES);
                recording.setDuration(duration);
                recording.start();
                ended.await();
            } finally {
                FlightRecorder.removeListener(listener);
            }
            try (var stream = recording.getStream(null, null)) {
                return stream == null ? new byte[0] : stream.readAllBytes();
            }
        } catch (ParseException broken) {
            throw new IOException("no flight recording: " + broken.getMessage(), broken);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IOException("no flight recording: interrupted", stopping);
        }
    }
}
