package io.waystation.daemon;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/// The program's log on stderr, in NSQ's form: `[nsqd] 2026/01/20 19:56:15.991848 INFO: text key=value`.
///
/// Lines are written by a thread of their own, so that a slow reader of stderr stops nobody: of what does not fit into
/// the
/// queue of [#QUEUE_LINES] lines, those below WARN are dropped first.
public final class ProgramLog {
    private static final int QUEUE_LINES = 8192;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss.SSSSSS", Locale.ROOT)
            .withZone(ZoneId.systemDefault());

    private ProgramLog() {}

    /// Begins to log in this form.
    public static void start(String prefix, String level) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        var layout = new NsqLayout(prefix);
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
        var queue = new AsyncAppender();
        queue.setContext(context);
        queue.setQueueSize(QUEUE_LINES);
        queue.setNeverBlock(true);
        queue.addAppender(console);
        queue.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(queue);
        root.setLevel(Level.WARN);
        level(level);
    }

    /// Changes the least important level that is logged: debug, info, warn, error or fatal.
    public static void level(String level) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        var least = level.equalsIgnoreCase("fatal") ? Level.ERROR : Level.toLevel(level, Level.INFO);
        context.getLogger("io.waystation").setLevel(least);
    }

    /// Writes what is queued; nothing is logged after it.
    public static void stop() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();
    }

    private static final class NsqLayout extends LayoutBase<ILoggingEvent> {
        private final String prefix;

        NsqLayout(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public String doLayout(ILoggingEvent event) {
            var line = new StringBuilder(160).append(prefix);
            TIME.formatTo(
                    Instant.ofEpochMilli(event.getTimeStamp()).plusNanos(event.getNanoseconds() % 1_000_000), line);
            var level = event.getLevel().equals(Level.WARN)
                    ? "WARNING"
                    : event.getLevel().toString();
            line.append(' ').append(level).append(": ").append(event.getFormattedMessage());
            if (event.getKeyValuePairs() != null) {
                for (var pair : event.getKeyValuePairs()) {
                    line.append(' ').append(pair.key).append('=').append(quoted(String.valueOf(pair.value)));
                }
            }
            line.append('\n');
            IThrowableProxy cause = event.getThrowableProxy();
            if (cause != null) {
                line.append(ThrowableProxyUtil.asString(cause));
            }
            return line.toString();
        }

        private static String quoted(String value) {
            boolean plain = !value.isEmpty() && value.chars().noneMatch(c -> c <= ' ' || c == '"' || c == '=');
            return plain
                    ? value
                    : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
        }
    }
}
