package io.waystation.broker.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Delivery;
import io.waystation.channel.RequeueBackoff;
import io.waystation.daemon.GoDuration;
import io.waystation.daemon.UsageException;
import io.waystation.wire.Names;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A channel's rules in JSON, and a change of them: what is null or absent stays as it is, and "", "0s" or 0 take a
/// rule away. Values that make no sense are refused with an [IllegalArgumentException] whose message is for the caller.
final class ChannelSettingsJson {
    private @Nullable Delivery delivery;
    private @Nullable Long messageTimeoutMs;
    private @Nullable Integer maxAttempts;
    private @Nullable String deadLetterTopic;
    private @Nullable Long timeToLiveMs;
    private @Nullable Long requeueMinMs;
    private @Nullable Long requeueMaxMs;
    private @Nullable Double requeueFactor;

    private ChannelSettingsJson() {}

    static void write(JsonGenerator json, ChannelSettings settings) throws IOException {
        json.writeStartObject();
        json.writeStringField("delivery", settings.delivery().text());
        duration(json, "messageTimeout", settings.messageTimeoutMs());
        json.writeNumberField("maxAttempts", settings.maxAttempts());
        var topic = settings.deadLetterTopic();
        json.writeStringField("deadLetterTopic", topic == null ? "" : topic);
        duration(json, "timeToLive", settings.timeToLiveMs());
        json.writeObjectFieldStart("requeueBackoff");
        duration(json, "min", settings.requeueBackoff().minMs());
        duration(json, "max", settings.requeueBackoff().maxMs());
        json.writeNumberField("factor", settings.requeueBackoff().factor());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void duration(JsonGenerator json, String key, long ms) throws IOException {
        json.writeStringField(key, GoDuration.format(Duration.ofMillis(ms)));
    }

    /// Reads an object, whose first token is the parser's current one.
    static ChannelSettingsJson read(JsonParser json) throws IOException {
        var change = new ChannelSettingsJson();
        require(json.currentToken() == JsonToken.START_OBJECT, "settings: an object is expected");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var key = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_NULL) {
                change.read(key, json);
            }
        }
        return change;
    }

    private void read(String key, JsonParser json) throws IOException {
        switch (key) {
            case "delivery" -> delivery = Delivery.of(text(key, json));
            case "messageTimeout" -> messageTimeoutMs = millis(key, json);
            case "maxAttempts" -> {
                require(json.currentToken() == JsonToken.VALUE_NUMBER_INT, "maxAttempts: a whole number is expected");
                long given = json.getLongValue();
                maxAttempts = Math.clamp(given, -1, Integer.MAX_VALUE);
            }
            case "deadLetterTopic" -> deadLetterTopic = text(key, json);
            case "timeToLive" -> timeToLiveMs = millis(key, json);
            case "requeueBackoff" -> readBackoff(json);
            default -> throw unknown(key);
        }
    }

    private void readBackoff(JsonParser json) throws IOException {
        require(json.currentToken() == JsonToken.START_OBJECT, "requeueBackoff: an object is expected");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var key = json.currentName();
            if (json.nextToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (key) {
                case "min" -> requeueMinMs = millis("requeueBackoff.min", json);
                case "max" -> requeueMaxMs = millis("requeueBackoff.max", json);
                case "factor" -> {
                    require(json.currentToken().isNumeric(), "requeueBackoff.factor: a number is expected");
                    requeueFactor = json.getDoubleValue();
                }
                default -> throw unknown("requeueBackoff." + key);
            }
        }
    }

    private static IllegalArgumentException unknown(String key) {
        return new IllegalArgumentException("settings." + key + " is not known (expected: delivery, messageTimeout,"
                + " maxAttempts, deadLetterTopic, timeToLive, requeueBackoff.min, .max, .factor)");
    }

    private static String text(String key, JsonParser json) throws IOException {
        require(json.currentToken() == JsonToken.VALUE_STRING, key + ": a text is expected");
        return json.getText();
    }

    private static long millis(String key, JsonParser json) throws IOException {
        var text = text(key, json);
        try {
            return GoDuration.parse(text).toMillis();
        } catch (UsageException noDuration) {
            throw new IllegalArgumentException(key + ": " + noDuration.getMessage(), noDuration);
        }
    }

    private static void require(boolean held, String otherwise) {
        if (!held) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /// The rules of a channel of the topic with this change.
    ChannelSettings apply(ChannelSettings before, String topic, long maxMessageTimeoutMs) {
        var backoff = before.requeueBackoff();
        var target = or(deadLetterTopic, before.deadLetterTopic());
        var after = new ChannelSettings(
                or(delivery, before.delivery()),
                or(messageTimeoutMs, before.messageTimeoutMs()),
                or(maxAttempts, before.maxAttempts()),
                target == null || target.isEmpty() ? null : target,
                or(timeToLiveMs, before.timeToLiveMs()),
                new RequeueBackoff(
                        or(requeueMinMs, backoff.minMs()),
                        or(requeueMaxMs, backoff.maxMs()),
                        or(requeueFactor, backoff.factor())));
        if (messageTimeoutMs != null) {
            require(
                    after.messageTimeoutMs() <= maxMessageTimeoutMs,
                    "messageTimeout: " + after.messageTimeoutMs() + " ms (expected: at most max-msg-timeout, "
                            + maxMessageTimeoutMs + ")");
        }
        checkDeadLetterTopic(after.deadLetterTopic(), topic);
        return after;
    }

    private static void checkDeadLetterTopic(@Nullable String target, String topic) {
        if (target == null) {
            return;
        }
        require(
                Names.isValid(target) && !Names.isEphemeral(target),
                "deadLetterTopic: '" + target + "' (expected: 1..64 of [.a-zA-Z0-9_-], and not ephemeral:"
                        + " what it holds would be lost at a restart)");
        require(
                !target.equals(topic),
                "deadLetterTopic: '" + target + "' (expected: another topic: in its own one a message would be"
                        + " given up again and again)");
    }

    private static <T extends @Nullable Object> T or(@Nullable T changed, T before) {
        return changed == null ? before : changed;
    }
}
