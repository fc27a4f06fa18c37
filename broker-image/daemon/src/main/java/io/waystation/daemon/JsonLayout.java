package io.waystation.daemon;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A line of the log as one JSON object: `time` (RFC 3339, UTC, microseconds), `level` (`DEBUG`, `INFO`, `WARNING`,
/// `ERROR`, `FATAL`, as in the text form), `message` (a constant sentence), `logger` (the class), then the sentence's
/// keys with their values, and `stack` when something was thrown. Numbers and booleans are JSON's own. A key that has
/// one of these five names gets a `_` behind it.
final class JsonLayout extends LayoutBase<ILoggingEvent> {
    private static final int NANOS_PER_MILLI = 1_000_000;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final Set<String> OWN = Set.of("time", "level", "message", "logger", "stack");
    private static final JsonFactory JSON = new JsonFactory();

    @Override
    public String doLayout(ILoggingEvent event) {
        var line = new StringWriter(200);
        try (var json = JSON.createGenerator(line)) {
            write(json, event);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return line.append('\n').toString();
    }

    private static void write(JsonGenerator json, ILoggingEvent event) throws IOException {
        json.writeStartObject();
        var time = Instant.ofEpochMilli(event.getTimeStamp()).plusNanos(event.getNanoseconds() % NANOS_PER_MILLI);
        json.writeStringField("time", TIME.format(time));
        json.writeStringField("level", ProgramLog.levelName(event));
        json.writeStringField("message", event.getFormattedMessage());
        json.writeStringField("logger", event.getLoggerName());
        if (event.getKeyValuePairs() != null) {
            for (var pair : event.getKeyValuePairs()) {
                json.writeFieldName(OWN.contains(pair.key) ? pair.key + "_" : pair.key);
                value(json, pair.value);
            }
        }
        if (event.getThrowableProxy() != null) {
            json.writeStringField("stack", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        json.writeEndObject();
    }

    private static void value(JsonGenerator json, @Nullable Object value) throws IOException {
        switch (value) {
            case Integer number -> json.writeNumber(number);
            case Long number -> json.writeNumber(number);
            case Boolean truth -> json.writeBoolean(truth);
            case null, default -> json.writeString(String.valueOf(value));
        }
    }
}
