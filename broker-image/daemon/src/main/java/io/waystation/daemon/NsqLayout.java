package io.waystation.daemon;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// A line of the log as NSQ writes it: `[nsqd] 2026/01/20 19:56:15.991848 INFO: text key=value`.
///
/// What clients send reaches the log in names, paths and error texts. Control characters are therefore written as Go's
/// `%q` does, so that nobody can forge a line or steer a terminal.
final class NsqLayout extends LayoutBase<ILoggingEvent> {
    private static final int NANOS_PER_MILLI = 1_000_000;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss.SSSSSS", Locale.ROOT)
            .withZone(ZoneId.systemDefault());

    private final String prefix;

    NsqLayout(String prefix) {
        this.prefix = prefix;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        var line = new StringBuilder(160).append(prefix);
        TIME.formatTo(
                Instant.ofEpochMilli(event.getTimeStamp()).plusNanos(event.getNanoseconds() % NANOS_PER_MILLI), line);
        line.append(' ').append(ProgramLog.levelName(event)).append(": ");
        appendPlain(line, event.getFormattedMessage());
        if (event.getKeyValuePairs() != null) {
            for (var pair : event.getKeyValuePairs()) {
                line.append(' ').append(pair.key).append('=');
                appendValue(line, String.valueOf(pair.value));
            }
        }
        line.append('\n');
        if (event.getThrowableProxy() != null) {
            // Indented, because an exception's message may have line ends of its own.
            ThrowableProxyUtil.asString(event.getThrowableProxy()).lines().forEach(text -> {
                line.append('\t');
                appendPlain(line, text.stripLeading());
                line.append('\n');
            });
        }
        return line.toString();
    }

    private static void appendValue(StringBuilder line, String value) {
        boolean plain = !value.isEmpty() && value.chars().noneMatch(c -> c == ' ' || c == '"' || c == '=');
        if (plain) {
            appendPlain(line, value);
        } else {
            line.append('"');
            appendPlain(line, value.replace("\\", "\\\\").replace("\"", "\\\""));
            line.append('"');
        }
    }

    private static void appendPlain(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (isPrintable(c)) {
                        line.append(c);
                    } else {
                        line.append(String.format(Locale.ROOT, c < 0x80 ? "\\x%02x" : "\\u%04x", (int) c));
                    }
                }
            }
        }
    }

    private static boolean isPrintable(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
