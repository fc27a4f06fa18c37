package io.waystation.broker.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.waystation.broker.topic.ChannelStats;
import io.waystation.broker.topic.LimitReachedException;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicStats;
import io.waystation.broker.topic.Topics;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Owner;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import io.waystation.daemon.Option;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import io.waystation.wire.Names;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// The API for operators, `/waystation/v1/`; described in `docs/operator-api.md` of this module.
public final class OperatorApi {
    static final String ROOT = "/waystation/v1";
    static final int MAX_BODY_BYTES = 64 * 1024;
    private static final JsonFactory JSON = new JsonFactory();

    private final ApiContext context;
    private final Option<String> clusterId;
    private final Settings.Rule rule;

    /// @param rule what settings have to say together
    public OperatorApi(ApiContext context, Option<String> clusterId, Settings.Rule rule) {
        this.context = context;
        this.clusterId = clusterId;
        this.rule = rule;
    }

    public void addTo(HttpApi api) {
        api.route("GET", ROOT + "/info", MAX_BODY_BYTES, request -> info());
        api.largeRoute("GET", ROOT + "/topics", MAX_BODY_BYTES, request -> topics());
        api.largeRoute("GET", ROOT + "/topics/:topic", MAX_BODY_BYTES, this::topic);
        api.largeRoute("PUT", ROOT + "/topics/:topic", MAX_BODY_BYTES, request -> answer(() -> putTopic(request)));
        api.route("DELETE", ROOT + "/topics/:topic", MAX_BODY_BYTES, request -> answer(() -> deleteTopic(request)));
        var channel = ROOT + "/topics/:topic/channels/:channel";
        api.route("GET", channel, MAX_BODY_BYTES, this::channel);
        api.route("PUT", channel, MAX_BODY_BYTES, request -> answer(() -> putChannel(request)));
        api.route("DELETE", channel, MAX_BODY_BYTES, request -> answer(() -> deleteChannel(request)));
        new ReplayApi(context).addTo(api);
        new DeferredApi(context).addTo(api);
        api.route("GET", ROOT + "/settings", MAX_BODY_BYTES, request -> settings());
        api.route("PUT", ROOT + "/settings", MAX_BODY_BYTES, request -> answer(() -> putSettings(request)));
        api.route("GET", ROOT + "/drain", MAX_BODY_BYTES, request -> drain());
        api.route("PUT", ROOT + "/drain", MAX_BODY_BYTES, request -> answer(() -> putDrain(request)));
    }

    // ---- reading

    private HttpReply info() throws IOException {
        var failure = context.volume().failure();
        return JsonReply.of(json -> {
            json.writeStartObject();
            json.writeStringField("version", context.version());
            json.writeNumberField("nodeId", context.directory().nodeId());
            json.writeStringField("clusterId", context.directory().clusterId());
            json.writeStringField("volumeId", context.directory().volumeId().toString());
            json.writeStringField("incarnation", context.incarnation().toString());
            json.writeNumberField("startTime", context.startMs());
            json.writeStringField("health", context.health());
            json.writeBooleanField("cordoned", context.volume().isCordoned());
            json.writeObjectFieldStart("safeToStop");
            json.writeBooleanField("safe", failure == null);
            json.writeStringField("reason", failure == null ? "" : "the volume failed: " + failure);
            json.writeEndObject();
            json.writeBooleanField("caughtUp", true);
            json.writeObjectFieldStart("damagedTopics");
            for (var entry : context.topics().damaged().entrySet()) {
                json.writeStringField(entry.getKey(), entry.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    private HttpReply topics() {
        return JsonReply.streamed(json -> {
            var topics = context.topics().walk(context.topics().all(), false);
            json.writeStartObject();
            json.writeArrayFieldStart("topics");
            while (topics.hasNext()) {
                write(json, topics.next());
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private HttpReply topic(HttpRequest request) throws IOException {
        var topic = context.topics().find(request.path("topic"));
        return topic == null ? topicNotFound(context, request) : reply(topic);
    }

    private static HttpReply reply(Topic topic) throws IOException {
        var stats = Topics.onLoop(topic, () -> topic.stats(false));
        return JsonReply.of(json -> write(json, stats));
    }

    private HttpReply channel(HttpRequest request) throws IOException {
        var topic = context.topics().find(request.path("topic"));
        if (topic == null) {
            return topicNotFound(context, request);
        }
        var stats = Topics.onLoop(topic, () -> {
            var channel = topic.channel(request.path("channel"));
            return channel == null ? null : topic.stats(channel, false);
        });
        return stats == null
                ? refusal(
                        404,
                        "CHANNEL_NOT_FOUND",
                        "channel " + request.path("channel") + " is not in topic " + topic.name())
                : JsonReply.of(json -> write(json, stats));
    }

    private static void write(JsonGenerator json, TopicStats topic) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", topic.name());
        write(json, topic.owner());
        json.writeBooleanField("paused", topic.paused());
        json.writeNumberField("depth", topic.depth());
        json.writeNumberField("messageCount", topic.messageCount());
        json.writeNumberField("sizeBytes", topic.sizeBytes());
        json.writeNumberField("startOffset", topic.startOffset());
        json.writeNumberField("endOffset", topic.endOffset());
        json.writeNumberField("deferred", topic.deferredCount());
        json.writeNumberField("unfinished", topic.unfinished());
        json.writeNumberField("deletedCount", topic.deletedCount());
        json.writeNumberField("duplicates", topic.duplicateCount());
        json.writeNumberField("evictedKeys", topic.evictedKeyCount());
        TopicSettingsJson.write(json, topic.settings());
        json.writeArrayFieldStart("channels");
        for (var channel : topic.channels()) {
            write(json, channel);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    static void write(JsonGenerator json, ChannelStats channel) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", channel.name());
        write(json, channel.owner());
        json.writeBooleanField("paused", channel.paused());
        json.writeNumberField("depth", channel.depth());
        json.writeNumberField("inFlight", channel.inFlightCount());
        json.writeNumberField("deferred", channel.deferredCount());
        json.writeNumberField("consumers", channel.clientCount());
        json.writeNumberField("messageCount", channel.messageCount());
        json.writeNumberField("requeueCount", channel.requeueCount());
        json.writeNumberField("timeoutCount", channel.timeoutCount());
        json.writeNumberField("expiredCount", channel.expiredCount());
        json.writeNumberField("deadLetterCount", channel.deadLetterCount());
        json.writeNumberField("droppedCount", channel.droppedCount());
        json.writeFieldName("settings");
        ChannelSettingsJson.write(json, channel.settings());
        json.writeStringField("stall", channel.stall());
        json.writeNumberField("deletedCount", channel.deletedCount());
        json.writeNumberField("floor", channel.floor());
        json.writeNumberField("next", channel.next());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, @Nullable Owner owner) throws IOException {
        json.writeFieldName("owner");
        if (owner == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeStringField("uid", owner.uid());
        json.writeStringField("ref", owner.ref());
        json.writeEndObject();
    }

    // ---- declaring

    private HttpReply putTopic(HttpRequest request) throws IOException, RefusedException {
        var name = request.path("topic");
        if (!Names.isValid(name)) {
            throw new RefusedException(
                    400, "INVALID_TOPIC", "topic: '" + name + "' (expected: 1..64 of [.a-zA-Z0-9_-])");
        }
        var body = Declaration.parse(request.body(), false);
        var topic = obtain(name);
        var conflict = Topics.change(topic, () -> {
            var owner = topic.owner();
            if (!body.mayTake(owner)) {
                return owner;
            }
            if (body.changesOwner(owner)) {
                topic.setOwner(body.owner);
            }
            topic.declare(body.topicSettings);
            if (body.paused != null) {
                topic.pause(body.paused);
            }
            return null;
        });
        return conflict == null ? reply(topic) : ownedByOther(name, conflict);
    }

    private Topic obtain(String name) throws IOException, RefusedException {
        try {
            return context.topics().obtain(name).join();
        } catch (CompletionException failure) {
            var cause = String.valueOf(
                    Objects.requireNonNullElse(failure.getCause(), failure).getMessage());
            if (cause.equals("cordoned")) {
                throw new RefusedException(503, "CORDONED", "topic " + name + " is not made: the broker is cordoned");
            }
            var damage = context.topics().damage(name);
            if (damage != null) {
                throw new RefusedException(503, NamedTopic.DAMAGED, damage);
            }
            throw failure.getCause() instanceof IOException io ? io : new IOException(failure);
        }
    }

    private HttpReply deleteTopic(HttpRequest request) throws IOException {
        var name = request.path("topic");
        if (context.topics().damage(name) != null) {
            return topicNotFound(context, request);
        }
        var kept = new CompletableFuture<HttpReply>();
        context.topics().deleteIf(name, topic -> {
            // Asked when no message can come any more: one that came after an earlier look would be lost.
            long unfinished = topic.uncommitted() + topic.stats(false).unfinished();
            var refusal = refuseDeletion(request, name, topic.owner(), unfinished);
            return refusal == null || !kept.complete(refusal);
        });
        return kept.getNow(HttpReply.json("{}"));
    }

    private static @Nullable HttpReply refuseDeletion(
            HttpRequest request, String name, @Nullable Owner owner, long unfinished) throws IOException {
        if (owner != null && !owner.uid().equals(request.query("ownerUid"))) {
            return ownedByOther(name, owner);
        }
        if ("true".equals(request.query("ifEmpty")) && unfinished > 0) {
            return JsonReply.of(409, json -> {
                json.writeStartObject();
                json.writeStringField("code", "NOT_EMPTY");
                json.writeStringField("message", name + " has " + unfinished + " unfinished messages (expected: 0)");
                json.writeNumberField("unfinished", unfinished);
                json.writeEndObject();
            });
        }
        return null;
    }

    private HttpReply putChannel(HttpRequest request) throws IOException, RefusedException {
        var topic = context.topics().find(request.path("topic"));
        if (topic == null) {
            return topicNotFound(context, request);
        }
        var name = request.path("channel");
        if (!Names.isValid(name)) {
            throw new RefusedException(
                    400, "INVALID_CHANNEL", "channel: '" + name + "' (expected: 1..64 of [.a-zA-Z0-9_-])");
        }
        var body = Declaration.parse(request.body(), true);
        long maxTimeoutMs = context.server().limits().maxMessageTimeoutMs();
        var refused = Topics.change(topic, () -> declare(topic, name, body, maxTimeoutMs));
        if (refused != null) {
            return refused;
        }
        var stats = Topics.onLoop(topic, () -> topic.stats(topic.obtainChannel(name), false));
        return JsonReply.of(json -> write(json, stats));
    }

    /// Null when it is done; a refusal leaves nothing made or changed.
    private static @Nullable HttpReply declare(Topic topic, String name, Declaration body, long maxTimeoutMs)
            throws IOException {
        var existing = topic.channel(name);
        ChannelSettings rules;
        try {
            var before = existing == null ? ChannelSettings.DEFAULT : existing.settings();
            rules = body.settings(before, topic.name(), maxTimeoutMs);
        } catch (IllegalArgumentException invalid) {
            return refusal(400, RefusedException.INVALID_VALUE, String.valueOf(invalid.getMessage()));
        }
        var owner = existing == null ? null : existing.owner();
        if (owner != null && !body.mayTake(owner)) {
            return ownedByOther(name, owner);
        }
        var channel = topic.obtainChannel(name, body.startFrom);
        channel.declare(rules);
        if (body.changesOwner(owner)) {
            channel.setOwner(body.owner);
        }
        if (body.paused != null && body.paused != channel.isPaused()) {
            channel.pause(body.paused);
        }
        return null;
    }

    private HttpReply deleteChannel(HttpRequest request) throws IOException {
        var name = request.path("channel");
        var topic = context.topics().find(request.path("topic"));
        if (topic == null) {
            boolean isDamaged = context.topics().damage(request.path("topic")) != null;
            return isDamaged ? topicNotFound(context, request) : HttpReply.json("{}");
        }
        return Topics.change(topic, () -> {
            var channel = topic.channel(name);
            if (channel == null) {
                return HttpReply.json("{}");
            }
            var stats = topic.stats(channel, false);
            var refusal = refuseDeletion(request, name, stats.owner(), stats.unfinished());
            if (refusal != null) {
                return refusal;
            }
            topic.deleteChannel(name);
            return HttpReply.json("{}");
        });
    }

    // ---- settings and drain

    private HttpReply settings() throws IOException {
        var settings = context.settings();
        return JsonReply.of(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("settings");
            for (var option : settings.options()) {
                json.writeStartObject();
                json.writeStringField("name", option.name());
                json.writeStringField("value", settings.text(option));
                json.writeStringField("origin", settings.origin(option));
                json.writeStringField("change", option.isDynamic() ? "dynamic" : "restart");
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private HttpReply putSettings(HttpRequest request) throws IOException, RefusedException {
        var changes = strings(request.body());
        var options = new LinkedHashMap<Option<?>, String>();
        for (var change : changes.entrySet()) {
            var option = context.settings().options().stream()
                    .filter(candidate -> candidate.name().equals(change.getKey()))
                    .findFirst()
                    .orElseThrow(() -> new RefusedException(
                            400, "INVALID_OPTION", change.getKey() + " is no option (see GET " + ROOT + "/settings)"));
            if (!option.isDynamic()) {
                throw new RefusedException(
                        409, "NEEDS_RESTART", option.name() + " cannot be changed while the broker runs");
            }
            try {
                option.check(change.getValue());
            } catch (UsageException invalid) {
                throw new RefusedException(400, RefusedException.INVALID_VALUE, String.valueOf(invalid.getMessage()));
            }
            options.put(option, change.getValue());
        }
        try {
            context.settings().check(options, rule);
        } catch (UsageException invalid) {
            throw new RefusedException(400, RefusedException.INVALID_VALUE, String.valueOf(invalid.getMessage()));
        }
        var cluster = options.get(clusterId);
        if (cluster != null) {
            setClusterId(cluster);
        }
        for (var change : options.entrySet()) {
            try {
                context.settings().set(change.getKey(), change.getValue());
            } catch (UsageException checkedBefore) {
                throw new IllegalStateException(checkedBefore);
            }
        }
        context.settingsChanged().run();
        return settings();
    }

    private void setClusterId(String id) throws RefusedException {
        try {
            context.directory().clusterId(id);
        } catch (IOException other) {
            throw new RefusedException(409, "OTHER_CLUSTER", String.valueOf(other.getMessage()));
        }
    }

    private HttpReply drain() throws IOException {
        // Nobody can count the messages of a damaged topic, so it is one more that is not through.
        long unfinished = context.topics().damaged().size();
        int topics = 0;
        int consumers = 0;
        var walk = context.topics().walk(context.topics().all(), false);
        while (walk.hasNext()) {
            var topic = walk.next();
            topics++;
            unfinished += topic.unfinished();
            consumers += consumers(topic);
        }
        return drain(unfinished, topics, consumers);
    }

    private HttpReply drain(long unfinished, int topics, int consumers) throws IOException {
        int producers = context.server().producerCount();
        return JsonReply.of(json -> {
            json.writeStartObject();
            json.writeBooleanField("cordoned", context.volume().isCordoned());
            json.writeNumberField("unfinished", unfinished);
            json.writeNumberField("topics", topics);
            json.writeNumberField("producers", producers);
            json.writeNumberField("consumers", consumers);
            json.writeEndObject();
        });
    }

    private static int consumers(TopicStats topic) {
        int consumers = 0;
        for (var channel : topic.channels()) {
            consumers += channel.clientCount();
        }
        return consumers;
    }

    private HttpReply putDrain(HttpRequest request) throws IOException, RefusedException {
        Boolean cordoned = null;
        try (var json = JSON.createParser(request.body())) {
            RefusedException.expect(json.nextToken() == JsonToken.START_OBJECT, "an object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                RefusedException.expect(
                        json.currentName().equals("cordoned"), "the key cordoned, not " + json.currentName());
                RefusedException.expect(json.nextToken().isBoolean(), "cordoned: true or false");
                cordoned = json.getBooleanValue();
            }
        }
        RefusedException.expect(cordoned != null, "the key cordoned");
        context.volume().cordon(Boolean.TRUE.equals(cordoned));
        return drain();
    }

    // ---- bodies and refusals

    private static Map<String, String> strings(byte[] body) throws IOException, RefusedException {
        var strings = new LinkedHashMap<String, String>();
        try (var json = JSON.createParser(body)) {
            RefusedException.expect(json.nextToken() == JsonToken.START_OBJECT, "an object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var key = json.currentName();
                RefusedException.expect(json.nextToken() == JsonToken.VALUE_STRING, "a string for " + key);
                strings.put(key, json.getText());
            }
        }
        return strings;
    }

    /// There is no such topic, or it is out of service.
    static HttpReply topicNotFound(ApiContext context, HttpRequest request) throws IOException {
        var damage = context.topics().damage(request.path("topic"));
        if (damage != null) {
            return refusal(503, NamedTopic.DAMAGED, damage);
        }
        return refusal(404, "TOPIC_NOT_FOUND", "topic " + request.path("topic") + " is not on this broker");
    }

    private static HttpReply ownedByOther(String name, Owner owner) throws IOException {
        return JsonReply.of(409, json -> {
            json.writeStartObject();
            json.writeStringField("code", "OWNED_BY_OTHER");
            json.writeStringField("message", name + " belongs to " + owner.ref() + " (uid " + owner.uid() + ")");
            write(json, owner);
            json.writeEndObject();
        });
    }

    static HttpReply refusal(int status, String code, String message) throws IOException {
        return JsonReply.of(status, json -> {
            json.writeStartObject();
            json.writeStringField("code", code);
            json.writeStringField("message", message);
            json.writeEndObject();
        });
    }

    interface Act {
        HttpReply run() throws IOException, RefusedException;
    }

    static HttpReply answer(Act act) throws IOException {
        try {
            return act.run();
        } catch (LimitReachedException limit) {
            return refusal(503, limit.code(), String.valueOf(limit.getMessage()));
        } catch (RefusedException refused) {
            return refusal(refused.status, refused.code, String.valueOf(refused.getMessage()));
        } catch (JsonProcessingException malformed) {
            return refusal(400, "INVALID_BODY", "not JSON: " + malformed.getOriginalMessage());
        }
    }
}
