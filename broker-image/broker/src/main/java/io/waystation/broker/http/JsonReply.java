package io.waystation.broker.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.waystation.daemon.HttpReply;
import java.io.IOException;
import java.io.StringWriter;

/// Replies whose body is one JSON value, as whoever answers writes it.
final class JsonReply {
    private static final JsonFactory JSON = new JsonFactory();

    private JsonReply() {}

    /// Writes one JSON value.
    @FunctionalInterface
    interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    static HttpReply of(Body body) throws IOException {
        return of(200, body);
    }

    static HttpReply of(int status, Body body) throws IOException {
        var text = new StringWriter();
        try (var json = JSON.createGenerator(text)) {
            body.write(json);
        }
        return HttpReply.json(status, text.toString());
    }

    /// Written while it is sent.
    static HttpReply streamed(Body body) {
        return HttpReply.streamedJson(writer -> {
            try (var json = JSON.createGenerator(writer)) {
                body.write(json);
            }
        });
    }
}
