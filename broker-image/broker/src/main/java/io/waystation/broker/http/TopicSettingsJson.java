package io.waystation.broker.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.TopicSettings.Declared;
import io.waystation.broker.topic.TopicSettings.Flush;
import io.waystation.broker.topic.TopicSettings.Retention;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The key `settings` of a topic in the API for operators.
final class TopicSettingsJson {
    private TopicSettingsJson() {}

    static void write(JsonGenerator json, TopicSettings settings) throws IOException {
        json.writeObjectFieldStart("settings");
        json.writeStringField("flush", lower(settings.flush()));
        var retention = settings.retention();
        json.writeObjectFieldStart("retention");
        json.writeStringField("policy", title(retention.policy()));
        json.writeNumberField("timeMs", retention.timeMs());
        json.writeNumberField("sizeBytes", retention.sizeBytes());
        json.writeEndObject();
        json.writeNumberField("deduplicationWindowMs", settings.deduplicationWindowMs());
        json.writeNumberField("maxMessageBytes", settings.maxMessageBytes());
        json.writeNumberField("maxDeferMs", settings.maxDeferMs());
        json.writeEndObject();
    }

    private static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }

    private static String title(Enum<?> word) {
        return word.name().charAt(0) + lower(word).substring(1);
    }

    /// The parser stands at the value of `settings`, and then behind it.
    static Declared read(JsonParser json) throws IOException, RefusedException {
        RefusedException.expect(json.currentToken() == JsonToken.START_OBJECT, "settings: an object");
        var declared = Declared.NOTHING;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var key = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_NULL) {
                declared = declared.with(one(key, json));
            }
        }
        return declared;
    }

    private static Declared one(String key, JsonParser json) throws IOException, RefusedException {
        return switch (key) {
            case "flush" -> new Declared(word(json, key, Flush.values()), null, null, null, null);
            case "retention" -> new Declared(null, retention(json), null, null, null);
            case "deduplicationWindowMs" ->
                new Declared(null, null, number(json, key, 0, TopicSettings.LONGEST_WINDOW_MS), null, null);
            case "maxMessageBytes" ->
                new Declared(null, null, null, (int) number(json, key, 1, Integer.MAX_VALUE), null);
            case "maxDeferMs" ->
                new Declared(null, null, null, null, number(json, key, 0, TopicSettings.LONGEST_DEFER_MS));
            default -> throw invalid("no key settings." + key);
        };
    }

    private static Retention retention(JsonParser json) throws IOException, RefusedException {
        RefusedException.expect(json.currentToken() == JsonToken.START_OBJECT, "settings.retention: an object");
        Retention.Policy policy = null;
        long timeMs = 0;
        long sizeBytes = 0;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var key = json.currentName();
            if (json.nextToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (key) {
                case "policy" -> policy = word(json, "retention.policy", Retention.Policy.values());
                case "timeMs" -> timeMs = number(json, "retention.timeMs", 0, Long.MAX_VALUE);
                case "sizeBytes" -> sizeBytes = number(json, "retention.sizeBytes", 0, Long.MAX_VALUE);
                default -> throw invalid("no key settings.retention." + key);
            }
        }
        if (policy == null) {
            throw invalid("settings.retention.policy: Consumed or Bounded");
        }
        boolean bounds = timeMs > 0 || sizeBytes > 0;
        if (bounds != (policy == Retention.Policy.BOUNDED)) {
            throw invalid("settings.retention: timeMs or sizeBytes above 0 with the policy Bounded, and only with it");
        }
        return new Retention(policy, timeMs, sizeBytes);
    }

    private static <E extends Enum<E>> E word(JsonParser json, String key, E[] words)
            throws IOException, RefusedException {
        @Nullable String text = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : null;
        for (var word : words) {
            if (word.name().equalsIgnoreCase(text)) {
                return word;
            }
        }
        throw invalid("settings." + key + ": one of " + Arrays.toString(words).toLowerCase(Locale.ROOT));
    }

    private static long number(JsonParser json, String key, long least, long most)
            throws IOException, RefusedException {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                || json.getLongValue() < least
                || json.getLongValue() > most) {
            throw invalid("settings." + key + ": a number " + least + ".." + most);
        }
        return json.getLongValue();
    }

    private static RefusedException invalid(String expected) {
        return new RefusedException(
                400, "INVALID_BODY", "the body is not what it should be (expected: " + expected + ")");
    }
}
