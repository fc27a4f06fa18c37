package io.waystation.tools;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;

/// A tool that runs at a terminal of its own, on a thread of its own.
final class ToolRun {
    private static final int TIMEOUT_S = 30;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final CountDownLatch stop;
    private final LongSupplier clockNs;
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

    private ToolRun(CountDownLatch stop, LongSupplier clockNs) {
        this.stop = stop;
        this.clockNs = clockNs;
    }

    private ToolRun() {
        this(new CountDownLatch(1), System::nanoTime);
    }

    private ToolRun run(Tool tool, InputStream input, OutputStream output, String... arguments) {
        var terminal = new Terminal(input, print(output), print(err), stop, clockNs);
        Thread.ofVirtual().start(() -> exitCode.complete(tool.run(arguments, terminal)));
        return this;
    }

    private static PrintStream print(OutputStream target) {
        return new PrintStream(target, true, StandardCharsets.UTF_8);
    }

    static ToolRun start(Tool tool, String... arguments) {
        return startReading(InputStream.nullInputStream(), tool, arguments);
    }

    static ToolRun startReading(InputStream input, Tool tool, String... arguments) {
        var run = new ToolRun();
        return run.run(tool, input, run.out, arguments);
    }

    static ToolRun startReading(String input, Tool tool, String... arguments) {
        return startReading(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), tool, arguments);
    }

    /// At a terminal where time passes only when the tool waits for it.
    static ToolRun start(VirtualTime time, String input, Tool tool, String... arguments) {
        var run = new ToolRun(time, time);
        return run.run(tool, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), run.out, arguments);
    }

    static ToolRun startWriting(OutputStream output, Tool tool, String... arguments) {
        return new ToolRun().run(tool, InputStream.nullInputStream(), output, arguments);
    }

    /// What the user's Ctrl-C does.
    void stop() {
        stop.countDown();
    }

    int exitCode() throws Exception {
        return exitCode.get(TIMEOUT_S, TimeUnit.SECONDS);
    }

    boolean isRunning() {
        return !exitCode.isDone();
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    void awaitOut(String text) {
        Awaitility.await("stdout has " + text).until(this::out, found -> found.contains(text));
    }

    void awaitErr(String text) {
        Awaitility.await("stderr has " + text).until(this::err, found -> found.contains(text));
    }
}
