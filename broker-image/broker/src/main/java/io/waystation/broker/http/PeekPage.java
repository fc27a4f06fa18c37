package io.waystation.broker.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.waystation.channel.MessageState;
import io.waystation.daemon.HttpReply;
import io.waystation.log.LogReader;
import io.waystation.wire.MessageId;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/// One page of messages as JSON, written message by message. Confined to one request.
final class PeekPage {
    private static final JsonFactory JSON = new JsonFactory();

    private final PeekQuery query;
    private final StringWriter text = new StringWriter();
    private final JsonGenerator json;
    private int count;
    private int bytes;

    PeekPage(PeekQuery query) throws IOException {
        this.query = query;
        this.json = JSON.createGenerator(text);
        json.writeStartObject();
        json.writeArrayFieldStart("messages");
    }

    /// Adds the reader's message; false, and nothing added, when the page is full.
    boolean add(long id, LogReader message) throws IOException {
        if (!hasRoom(message)) {
            return false;
        }
        begin(id, message);
        end(message);
        return true;
    }

    /// Likewise, with what a channel knows of it.
    boolean add(long id, LogReader message, MessageState state, int attempts) throws IOException {
        if (!hasRoom(message)) {
            return false;
        }
        begin(id, message);
        json.writeStringField("state", text(state));
        json.writeNumberField("attempts", attempts);
        end(message);
        return true;
    }

    private static String text(MessageState state) {
        return state == MessageState.IN_FLIGHT ? "inflight" : state.name().toLowerCase(Locale.ROOT);
    }

    /// The first message always fits: if it is too large, only its beginning is shown.
    private boolean hasRoom(LogReader message) {
        return count < query.limit() && (count == 0 || bytes + message.length() <= query.bytes());
    }

    private void begin(long id, LogReader message) throws IOException {
        count++;
        json.writeStartObject();
        json.writeNumberField("offset", message.offset());
        json.writeStringField("id", MessageId.toString(id));
        json.writeNumberField("timestamp", message.timestampMs());
    }

    private void end(LogReader message) throws IOException {
        int shown = Math.min(message.length(), query.bytes());
        bytes += shown;
        json.writeNumberField("size", message.length());
        if (message.keyLength() >= 0) {
            write("key", message, message.keyPosition(), message.keyLength());
        }
        write("body", message, message.position(), shown);
        if (shown < message.length()) {
            json.writeBooleanField("truncated", true);
        }
        json.writeEndObject();
    }

    private void write(String name, LogReader message, int position, int length) throws IOException {
        var content = new byte[length];
        message.buffer().get(position, content);
        if (!query.base64()) {
            try {
                var decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content));
                json.writeStringField(name, decoded.toString());
                json.writeStringField(name + "Encoding", "utf-8");
                return;
            } catch (CharacterCodingException binary) {
                // shown as bytes, then
            }
        }
        json.writeStringField(name, Base64.getEncoder().encodeToString(content));
        json.writeStringField(name + "Encoding", "base64");
    }

    /// Nothing follows for now.
    HttpReply lastReply() throws IOException {
        json.writeEndArray();
        json.writeNullField("next");
        return finished();
    }

    /// The following page begins at the offset.
    HttpReply reply(long nextOffset) throws IOException {
        json.writeEndArray();
        json.writeStringField("next", Long.toString(nextOffset));
        return finished();
    }

    private HttpReply finished() throws IOException {
        json.writeEndObject();
        json.close();
        return HttpReply.json(text.toString());
    }
}
