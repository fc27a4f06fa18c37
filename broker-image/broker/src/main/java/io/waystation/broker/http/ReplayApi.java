package io.waystation.broker.http;

import static io.waystation.broker.http.RefusedException.expect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.waystation.broker.topic.ChannelStats;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.Topics;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Lets a channel go on from another message: `POST …/channels/{channel}/seek`.
final class ReplayApi {
    private static final JsonFactory JSON = new JsonFactory();

    private final ApiContext context;

    ReplayApi(ApiContext context) {
        this.context = context;
    }

    void addTo(HttpApi api) {
        api.route(
                "POST",
                OperatorApi.ROOT + "/topics/:topic/channels/:channel/seek",
                OperatorApi.MAX_BODY_BYTES,
                request -> OperatorApi.answer(() -> seek(request)));
    }

    private HttpReply seek(HttpRequest request) throws IOException, RefusedException {
        var topic = context.topics().find(request.path("topic"));
        if (topic == null) {
            return OperatorApi.topicNotFound(context, request);
        }
        var target = Target.parse(request.body());
        var name = request.path("channel");
        var stats = seek(topic, name, target);
        return stats == null
                ? OperatorApi.refusal(404, "CHANNEL_NOT_FOUND", "channel " + name + " is not on this broker")
                : JsonReply.of(json -> OperatorApi.write(json, stats));
    }

    private static @Nullable ChannelStats seek(Topic topic, String name, Target target)
            throws IOException, RefusedException {
        try {
            return Topics.change(topic, () -> {
                var channel = topic.channel(name);
                if (channel == null) {
                    return null;
                }
                channel.seek(target.offset(topic));
                return topic.stats(channel, false);
            });
        } catch (IllegalArgumentException outside) {
            throw new RefusedException(400, "INVALID_OFFSET", String.valueOf(outside.getMessage()));
        }
    }

    /// Where to go.
    private record Target(
            String to, @Nullable Long offset, @Nullable Long timeMs) {
        static Target parse(byte[] body) throws IOException, RefusedException {
            String to = null;
            Long offset = null;
            Long timeMs = null;
            try (var json = JSON.createParser(body)) {
                expect(json.nextToken() == JsonToken.START_OBJECT, "an object");
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    var key = json.currentName();
                    json.nextToken();
                    switch (key) {
                        case "to" -> to = json.getText();
                        case "offset" -> offset = number(json, key);
                        case "timeMs" -> timeMs = number(json, key);
                        default -> expect(false, "no key " + key);
                    }
                }
            }
            boolean known = to != null
                    && switch (to) {
                        case "earliest", "latest" -> offset == null && timeMs == null;
                        case "offset" -> offset != null && timeMs == null;
                        case "time" -> timeMs != null && offset == null;
                        default -> false;
                    };
            if (to == null || !known) {
                throw new RefusedException(
                        400,
                        "INVALID_BODY",
                        "to: '" + to + "' (expected: earliest, latest, offset with the key offset, or time with the key"
                                + " timeMs)");
            }
            return new Target(to, offset, timeMs);
        }

        private static long number(JsonParser json, String key) throws IOException, RefusedException {
            expect(json.currentToken() == JsonToken.VALUE_NUMBER_INT, key + ": a number");
            return json.getLongValue();
        }

        long offset(Topic topic) throws IOException {
            if (offset != null) {
                return offset;
            }
            if (timeMs != null) {
                return topic.offsetAtOrAfter(timeMs);
            }
            return to.equals("earliest") ? topic.earliestOffset() : topic.latestOffset();
        }
    }
}
