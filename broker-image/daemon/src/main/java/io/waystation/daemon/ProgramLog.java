package io.waystation.daemon;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// The program's log on stderr, in NSQ's form ([NsqLayout]) or as JSON ([JsonLayout]), written by a thread of its own
/// ([LogQueue]).
public final class ProgramLog {
    /// Loggers of our own classes stand below this one.
    private static final String OURS = "io.waystation";
    /// What ends the program goes to a logger of its own: no level hides it, and the layout knows it by this name.
    static final String FATAL = "FATAL";

    static final String TEXT = "text";

    private static final int QUEUE_LINES = 8192;

    private ProgramLog() {}

    /// Begins to log in NSQ's form.
    public static void start(String prefix, String level) {
        start(prefix, level, TEXT);
    }

    /// Begins to log in this form.
    ///
    /// @param format `text` or `json`
    static void start(String prefix, String level, String format) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        var layout = format.equals(TEXT) ? new NsqLayout(prefix) : new JsonLayout();
        layout.setContext(context);
        layout.start();
        var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
        encoder.setContext(context);
        encoder.setLayout(layout);
        encoder.start();
        var console = new ConsoleAppender<ILoggingEvent>();
        console.setContext(context);
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        var queue = new LogQueue(console, QUEUE_LINES);
        queue.setContext(context);
        queue.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(queue);
        context.getLogger(FATAL).setLevel(Level.ERROR);
        level(level);
    }

    /// Changes the least important level that is logged: debug, info, warn, error or fatal. Libraries are heard from
    /// WARN on.
    public static void level(String level) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        var least = level.equalsIgnoreCase(FATAL) ? Level.OFF : Level.toLevel(level, Level.INFO);
        context.getLogger(OURS).setLevel(least);
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(least.isGreaterOrEqual(Level.WARN) ? least : Level.WARN);
    }

    /// NSQ's name of an event's level.
    static String levelName(ILoggingEvent event) {
        if (event.getLoggerName().equals(FATAL)) {
            return FATAL;
        }
        return event.getLevel().equals(Level.WARN)
                ? "WARNING"
                : event.getLevel().toString();
    }

    /// Says why the program ends. The cause is given when its place in the code matters, as it does with a bug.
    static void fatal(String text, @Nullable Throwable cause) {
        LoggerFactory.getLogger(FATAL).atError().setCause(cause).log(text);
    }

    /// Writes what is queued; nothing is logged after it.
    public static void stop() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }
}
