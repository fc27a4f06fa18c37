package io.waystation.tools;

import java.io.InputStream;
import java.io.PrintStream;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;

/// What a tool reads and writes, and when it is to end. Safe from any thread, as its parts are.
///
/// @param stop opens when the user wants the tool to end; the tool may open it itself. Who waits for time to pass waits
///     for it
/// @param clockNs the time from which the tool counts, in nanoseconds
record Terminal(InputStream in, PrintStream out, PrintStream err, CountDownLatch stop, LongSupplier clockNs) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss", Locale.ROOT);

    /// A line on stderr, as Go's log package writes it.
    void say(String text) {
        err.println(LocalDateTime.now(ZoneId.systemDefault()).format(TIME) + " " + text);
    }
}
