package io.waystation.broker.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.waystation.broker.topic.StartFrom;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Owner;
import java.io.IOException;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The body of a PUT on a topic or channel. What is null or absent is left as it is.
final class Declaration {
    private static final JsonFactory JSON = new JsonFactory();

    @Nullable Owner owner;

    boolean ownerGiven;

    @Nullable String expectedOwnerUid;

    @Nullable Boolean paused;

    StartFrom startFrom = StartFrom.DEFAULT;

    @Nullable ChannelSettingsJson settings;

    TopicSettings.Declared topicSettings = TopicSettings.Declared.NOTHING;

    static Declaration parse(byte[] body, boolean channel) throws IOException, RefusedException {
        var declaration = new Declaration();
        try (var json = JSON.createParser(body)) {
            RefusedException.expect(json.nextToken() == JsonToken.START_OBJECT, "an object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var key = json.currentName();
                json.nextToken();
                declaration.read(key, json, channel);
            }
        }
        return declaration;
    }

    private void read(String key, JsonParser json, boolean channel) throws IOException, RefusedException {
        boolean isNull = json.currentToken() == JsonToken.VALUE_NULL;
        switch (key) {
            case "owner" -> {
                ownerGiven = true;
                owner = isNull ? null : owner(json);
            }
            case "expectedOwnerUid" -> expectedOwnerUid = isNull ? null : json.getText();
            case "paused" -> {
                RefusedException.expect(isNull || json.currentToken().isBoolean(), "paused: true or false");
                paused = isNull ? null : json.getBooleanValue();
            }
            case "settings" -> {
                if (!isNull && channel) {
                    settings = settings(json);
                } else if (!isNull) {
                    topicSettings = TopicSettingsJson.read(json);
                }
            }
            case "startFrom" -> {
                RefusedException.expect(channel, "no key startFrom for a topic");
                startFrom = isNull ? StartFrom.DEFAULT : startFrom(json.getText());
            }
            default -> RefusedException.expect(false, "no key " + key);
        }
    }

    private static ChannelSettingsJson settings(JsonParser json) throws IOException, RefusedException {
        try {
            return ChannelSettingsJson.read(json);
        } catch (IllegalArgumentException invalid) {
            throw new RefusedException(400, RefusedException.INVALID_VALUE, String.valueOf(invalid.getMessage()));
        }
    }

    private static StartFrom startFrom(String text) throws RefusedException {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "earliest" -> StartFrom.EARLIEST;
            case "latest" -> StartFrom.LATEST;
            default ->
                throw new RefusedException(
                        400, "INVALID_BODY", "startFrom: '" + text + "' (expected: earliest or latest)");
        };
    }

    private static Owner owner(JsonParser json) throws IOException, RefusedException {
        RefusedException.expect(json.currentToken() == JsonToken.START_OBJECT, "owner: an object or null");
        var uid = "";
        var ref = "";
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var key = json.currentName();
            RefusedException.expect(json.nextToken() == JsonToken.VALUE_STRING, "a string for " + key);
            switch (key) {
                case "uid" -> uid = json.getText();
                case "ref" -> ref = json.getText();
                default -> RefusedException.expect(false, "no key owner." + key);
            }
        }
        RefusedException.expect(!uid.isEmpty() && uid.indexOf(' ') < 0, "owner.uid: a text without spaces");
        return new Owner(uid, ref);
    }

    /// The rules that a channel has with this request.
    ChannelSettings settings(ChannelSettings before, String topic, long maxMessageTimeoutMs) {
        var change = settings;
        return change == null ? before : change.apply(before, topic, maxMessageTimeoutMs);
    }

    /// Whether what is recorded lets this request in.
    boolean mayTake(@Nullable Owner recorded) {
        if (recorded == null || recorded.uid().equals(expectedOwnerUid)) {
            return true;
        }
        var wanted = owner;
        return wanted != null && wanted.uid().equals(recorded.uid());
    }

    boolean changesOwner(@Nullable Owner recorded) {
        return ownerGiven && !Objects.equals(owner, recorded);
    }
}
