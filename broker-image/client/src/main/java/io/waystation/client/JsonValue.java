package io.waystation.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A JSON answer as maps, lists, strings, numbers and booleans. Immutable.
public final class JsonValue {
    /// The largest answer that is read; a longer one is an exception.
    private static final long MAX_LENGTH = 64L * 1024 * 1024;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxDocumentLength(MAX_LENGTH)
                    .build())
            .build();

    private final @Nullable Object value;

    private JsonValue(@Nullable Object value) {
        this.value = value;
    }

    static JsonValue parse(InputStream body) throws IOException {
        try (var json = JSON.createParser(body)) {
            json.nextToken();
            return new JsonValue(read(json));
        }
    }

    private static @Nullable Object read(JsonParser json) throws IOException {
        var token = json.currentToken();
        if (token == JsonToken.START_OBJECT) {
            var object = new LinkedHashMap<String, @Nullable Object>();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var key = json.currentName();
                json.nextToken();
                object.put(key, read(json));
            }
            return object;
        }
        if (token == JsonToken.START_ARRAY) {
            var array = new ArrayList<@Nullable Object>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                array.add(read(json));
            }
            return array;
        }
        if (token == JsonToken.VALUE_NUMBER_INT) {
            return json.getLongValue();
        }
        return token == JsonToken.VALUE_NULL ? null : json.getText();
    }

    /// The member of an object; one without a value when there is none.
    public JsonValue get(String key) {
        return new JsonValue(value instanceof Map<?, ?> object ? object.get(key) : null);
    }

    /// The elements of an array; none when it is no array.
    public List<JsonValue> elements() {
        var elements = new ArrayList<JsonValue>();
        if (value instanceof List<?> array) {
            for (var element : array) {
                elements.add(new JsonValue(element));
            }
        }
        return elements;
    }

    /// The text, or what else it is as text; empty when there is no value.
    public String text() {
        return value == null ? "" : String.valueOf(value);
    }

    /// Whether it is true.
    public boolean isTrue() {
        return "true".equals(value);
    }

    /// The number; 0 when it is none.
    public long number() {
        return value instanceof Long number ? number : 0;
    }
}
