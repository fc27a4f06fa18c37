package io.waystation.broker.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import io.waystation.broker.registration.Registration;
import io.waystation.broker.topic.Channel;
import io.waystation.broker.topic.LimitReachedException;
import io.waystation.broker.topic.PublishRefusals;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.Topics;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import io.waystation.daemon.Option;
import io.waystation.daemon.TlsRequired;
import io.waystation.daemon.TlsVersion;
import io.waystation.daemon.UsageException;
import io.waystation.wire.Names;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// nsqd's HTTP API: its paths, codes and quirks.
public final class NsqApi {
    static final String TOPIC_DAMAGED = "TOPIC_DAMAGED";

    private static final long NANOS_PER_MS = 1_000_000;
    /// Bodies that nobody reads are taken up to this size.
    private static final int NO_BODY = 1024 * 1024;
    private static final Set<String> FALSE = Set.of("false", "0");
    private static final List<String> LEVELS = List.of("debug", "info", "warn", "error", "fatal");
    /// Flags that nsqd takes and does not count among its options.
    private static final Set<String> NO_OPTIONS = Set.of("config", "version", "verbose");

    private static final JsonFactory JSON = new JsonFactory();

    private final ApiContext context;
    private final Option<List<String>> lookups;
    private final Option<String> logLevel;
    private final IntSupplier maxMessageBytes;
    private final IntSupplier maxBodyBytes;

    public NsqApi(
            ApiContext context,
            Option<List<String>> lookups,
            Option<String> logLevel,
            IntSupplier maxMessageBytes,
            IntSupplier maxBodyBytes) {
        this.context = context;
        this.lookups = lookups;
        this.logLevel = logLevel;
        this.maxMessageBytes = maxMessageBytes;
        this.maxBodyBytes = maxBodyBytes;
    }

    public void addTo(HttpApi api) {
        api.route("GET", "/ping", NO_BODY, request -> ping());
        api.route("GET", "/info", NO_BODY, request -> info());
        api.largeRoute("GET", "/stats", NO_BODY, this::stats);
        api.route("POST", "/pub", maxMessageBytes, request -> counted(publish(request)));
        api.route("POST", "/mpub", maxBodyBytes, request -> counted(publishMany(request)));
        api.route("POST", "/topic/create", NO_BODY, this::createTopic);
        api.route("POST", "/topic/delete", NO_BODY, this::deleteTopic);
        api.route("POST", "/topic/empty", NO_BODY, this::emptyTopic);
        api.route("POST", "/topic/pause", NO_BODY, request -> pauseTopic(request, true));
        api.route("POST", "/topic/unpause", NO_BODY, request -> pauseTopic(request, false));
        api.route("POST", "/channel/create", NO_BODY, this::createChannel);
        api.route(
                "POST",
                "/channel/delete",
                NO_BODY,
                request -> onChannel(request, (topic, channel) -> {
                    topic.deleteChannel(channel);
                }));
        api.route(
                "POST",
                "/channel/empty",
                NO_BODY,
                request -> onChannel(request, (topic, channel) -> {
                    topic.emptyChannel(channel(topic, channel));
                }));
        api.route(
                "POST",
                "/channel/pause",
                NO_BODY,
                request -> onChannel(request, (topic, channel) -> {
                    topic.pauseChannel(channel(topic, channel), true);
                }));
        api.route(
                "POST",
                "/channel/unpause",
                NO_BODY,
                request -> onChannel(request, (topic, channel) -> {
                    topic.pauseChannel(channel(topic, channel), false);
                }));
        api.route("GET", "/config/:opt", NO_BODY, this::config);
        api.route("PUT", "/config/:opt", maxMessageBytes, this::changeConfig);
        api.route("PUT", "/debug/setblockrate", NO_BODY, NsqApi::setBlockRate);
        api.route("POST", "/debug/freememory", NO_BODY, request -> freeMemory());
        addOldPaths(api);
    }

    /// The paths of releases before 1.0, which old instructions still name.
    private static void addOldPaths(HttpApi api) {
        api.alias("POST", "/put", "/pub");
        api.alias("POST", "/mput", "/mpub");
        for (var noun : List.of("topic", "channel")) {
            api.alias("GET", "/create_" + noun, "/" + noun + "/create");
            for (var verb : List.of("create", "delete", "empty", "pause", "unpause")) {
                api.alias("POST", "/" + verb + "_" + noun, "/" + noun + "/" + verb);
            }
        }
    }

    private HttpReply ping() {
        var health = context.health();
        return health.equals("OK") ? HttpReply.ok() : HttpReply.text(500, health);
    }

    private HttpReply info() throws IOException {
        var limits = context.server().limits();
        return json(json -> {
            json.writeStartObject();
            json.writeStringField("version", BrokerStats.NSQD_VERSION);
            json.writeStringField("broadcast_address", context.broadcastAddress());
            json.writeStringField("hostname", context.hostname());
            json.writeNumberField("http_port", context.httpPort().getAsInt());
            json.writeNumberField("tcp_port", context.server().port());
            json.writeNumberField("start_time", context.startMs() / 1000);
            json.writeNumberField("max_heartbeat_interval", limits.maxHeartbeatIntervalMs() * NANOS_PER_MS);
            json.writeNumberField("max_output_buffer_size", limits.maxOutputBufferSize());
            json.writeNumberField("max_output_buffer_timeout", limits.maxOutputBufferTimeoutMs() * NANOS_PER_MS);
            json.writeNumberField("max_deflate_level", limits.maxDeflateLevel());
            json.writeStringField("topology_zone", context.server().topology().zone());
            json.writeStringField("topology_region", context.server().topology().region());
            json.writeStringField("waystation_version", context.version());
            json.writeEndObject();
        });
    }

    private HttpReply stats(HttpRequest request) {
        boolean json = "json".equals(request.query("format"));
        boolean withClients = isTrue(request.query("include_clients"), true);
        boolean withMemory = isTrue(request.query("include_mem"), true);
        var topicName = nonEmpty(request.query("topic"));
        var channelName = nonEmpty(request.query("channel"));
        return json
                ? streamedJson(body -> StatsJson.write(body, stats(withClients, withMemory, topicName, channelName)))
                : HttpReply.streamedText(body -> new StatsText(
                                body,
                                stats(withClients, withMemory, topicName, channelName),
                                Instant.ofEpochMilli(System.currentTimeMillis()))
                        .write());
    }

    private BrokerStats stats(
            boolean withClients, boolean withMemory, @Nullable String topicName, @Nullable String channelName) {
        var topics = context.topics().all();
        if (topicName != null) {
            var topic = context.topics().find(topicName);
            topics = topic == null ? List.of() : List.of(topic);
        }
        boolean unknownTopic = topicName != null && topics.isEmpty();
        return new BrokerStats(
                context.health(),
                context.startMs() / 1000,
                unknownTopic ? null : context.topics().walk(topics, channelName, withClients),
                damaged(topicName),
                withClients && !unknownTopic ? context.server().producers() : null,
                withClients,
                withMemory);
    }

    private Map<String, String> damaged(@Nullable String only) {
        var damaged = context.topics().damaged();
        damaged.keySet().removeIf(name -> only != null && !only.equals(name));
        return damaged;
    }

    private static @Nullable String nonEmpty(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    /// What is neither true nor false counts as true, as nsqd has it.
    private static boolean isTrue(@Nullable String value, boolean absent) {
        return value == null ? absent : !FALSE.contains(value);
    }

    // ---- publishing

    /// Counts a publish that was refused for what it is; others are counted where their cause is known.
    private HttpReply counted(HttpReply reply) {
        if (reply.status() / 100 == 4) {
            context.topics().refusals().count(PublishRefusals.Reason.INVALID);
        }
        return reply;
    }

    private HttpReply publish(HttpRequest request) throws IOException {
        if (request.isBodyTooLarge()) {
            return HttpReply.error(413, "MSG_TOO_BIG");
        }
        if (request.body().length == 0) {
            return HttpReply.error(400, "MSG_EMPTY");
        }
        var refused = checkTopic(request, "INVALID_TOPIC");
        if (refused != null) {
            return refused;
        }
        try {
            // nsqd makes the topic before it looks at the rest.
            var topic = obtain(request);
            long deferMs = deferMs(request);
            if (deferMs < 0) {
                return HttpReply.error(400, "INVALID_DEFER");
            }
            var attributes = deferMs == 0 ? PublishAttributes.NONE : PublishAttributes.NONE.withDefer(deferMs);
            var key = key(request, "key");
            if (key != null) {
                if (!PublishAttributes.isKey(key)) {
                    return HttpReply.error(400, "INVALID_KEY");
                }
                attributes = attributes.withKey(key);
            }
            var dedup = key(request, "dedup");
            if (dedup != null) {
                if (!PublishAttributes.isKey(dedup)) {
                    return HttpReply.error(400, "INVALID_DEDUP");
                }
                attributes = attributes.withDedup(dedup);
            }
            return HttpPublish.one(context.topics().refusals(), topic, request.body(), attributes);
        } catch (IOException refusal) {
            context.topics().refusals().count(String.valueOf(refusal.getMessage()));
            return refusal(request, refusal);
        }
    }

    private static byte @Nullable [] key(HttpRequest request, String name) {
        var key = request.query(name);
        return key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    }

    private HttpReply publishMany(HttpRequest request) throws IOException {
        if (request.isBodyTooLarge()) {
            return HttpReply.error(413, "BODY_TOO_BIG");
        }
        var refused = checkTopic(request, "INVALID_TOPIC");
        if (refused != null) {
            return refused;
        }
        try {
            var topic = obtain(request);
            long deferMs = deferMs(request);
            if (deferMs < 0) {
                return HttpReply.error(400, "INVALID_DEFER");
            }
            var binary = request.query("binary");
            var batch = binary == null || FALSE.contains(binary)
                    ? MessageBatch.lines(request.body(), maxMessageBytes.getAsInt())
                    : MessageBatch.binary(request.body(), maxMessageBytes.getAsInt(), maxBodyBytes.getAsInt());
            return batch.count() == 0
                    ? HttpReply.ok()
                    : HttpPublish.batch(context.topics().refusals(), topic, batch, deferMs);
        } catch (MessageBatch.MalformedException malformed) {
            return HttpReply.error(413, malformed.code());
        } catch (IOException refusal) {
            context.topics().refusals().count(String.valueOf(refusal.getMessage()));
            return refusal(request, refusal);
        }
    }

    /// The delay that is asked for, 0 when there is none, -1 when it is not valid.
    private long deferMs(HttpRequest request) {
        var text = request.query("defer");
        if (text == null) {
            return 0;
        }
        long delayMs = number(text);
        return delayMs > maxDeferMs(request) ? -1 : delayMs;
    }

    private long maxDeferMs(HttpRequest request) {
        var topic = context.topics().find(topicName(request));
        return topic == null
                ? context.server().limits().commands().maxDeferMs()
                : topic.settings().maxDeferMs();
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException notANumber) {
            return -1;
        }
    }

    // ---- topics and channels

    private static @Nullable HttpReply checkTopic(HttpRequest request, String invalid) {
        var name = request.query("topic");
        if (name == null) {
            return HttpReply.error(400, "MISSING_ARG_TOPIC");
        }
        return Names.isValid(name) ? null : HttpReply.error(400, invalid);
    }

    private static String topicName(HttpRequest request) {
        return String.valueOf(request.query("topic"));
    }

    private Topic obtain(HttpRequest request) throws IOException {
        try {
            return context.topics().obtain(topicName(request)).join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof IOException io ? io : new IOException(failure);
        }
    }

    private HttpReply createTopic(HttpRequest request) throws IOException {
        var refused = checkTopic(request, "INVALID_TOPIC");
        if (refused != null) {
            return refused;
        }
        try {
            obtain(request);
            return HttpReply.empty();
        } catch (IOException refusal) {
            return refusal(request, refusal);
        }
    }

    private HttpReply deleteTopic(HttpRequest request) throws IOException {
        if (request.query("topic") == null) {
            return HttpReply.error(400, "MISSING_ARG_TOPIC");
        }
        return context.topics().delete(topicName(request)) ? HttpReply.empty() : missing(request);
    }

    private HttpReply emptyTopic(HttpRequest request) throws IOException {
        var refused = checkTopic(request, "INVALID_TOPIC");
        return refused != null ? refused : onTopic(request, Topic::empty);
    }

    private HttpReply pauseTopic(HttpRequest request, boolean pause) throws IOException {
        if (request.query("topic") == null) {
            return HttpReply.error(400, "MISSING_ARG_TOPIC");
        }
        return onTopic(request, topic -> topic.pause(pause));
    }

    private HttpReply onTopic(HttpRequest request, TopicAct act) throws IOException {
        var topic = context.topics().find(topicName(request));
        if (topic == null) {
            return missing(request);
        }
        return Topics.change(topic, () -> {
            act.on(topic);
            return HttpReply.empty();
        });
    }

    /// There is no such topic, or it is out of service.
    private HttpReply missing(HttpRequest request) {
        return context.topics().damage(topicName(request)) == null
                ? HttpReply.error(404, "TOPIC_NOT_FOUND")
                : HttpReply.error(503, TOPIC_DAMAGED);
    }

    /// The topic could not be had.
    private HttpReply refusal(HttpRequest request, IOException cause) {
        if (cause instanceof LimitReachedException limit) {
            return HttpReply.error(503, limit.code());
        }
        return context.topics().damage(topicName(request)) == null
                ? HttpPublish.refusal(String.valueOf(cause.getMessage()))
                : HttpReply.error(503, TOPIC_DAMAGED);
    }

    private HttpReply createChannel(HttpRequest request) throws IOException {
        var refused = checkChannel(request);
        if (refused != null) {
            return refused;
        }
        try {
            return onTopic(request, topic -> topic.obtainChannel(String.valueOf(request.query("channel"))));
        } catch (LimitReachedException limit) {
            return HttpReply.error(503, limit.code());
        }
    }

    private static @Nullable HttpReply checkChannel(HttpRequest request) {
        var refused = checkTopic(request, "INVALID_ARG_TOPIC");
        if (refused != null) {
            return refused;
        }
        var name = request.query("channel");
        if (name == null) {
            return HttpReply.error(400, "MISSING_ARG_CHANNEL");
        }
        return Names.isValid(name) ? null : HttpReply.error(400, "INVALID_ARG_CHANNEL");
    }

    private HttpReply onChannel(HttpRequest request, ChannelAct act) throws IOException {
        var refused = checkChannel(request);
        if (refused != null) {
            return refused;
        }
        var topic = context.topics().find(topicName(request));
        if (topic == null) {
            return missing(request);
        }
        var name = String.valueOf(request.query("channel"));
        return Topics.change(topic, () -> {
            if (topic.channel(name) == null) {
                return HttpReply.error(404, "CHANNEL_NOT_FOUND");
            }
            act.on(topic, name);
            return HttpReply.empty();
        });
    }

    private static Channel channel(Topic topic, String name) {
        var channel = topic.channel(name);
        if (channel == null) {
            throw new IllegalStateException("no channel " + name);
        }
        return channel;
    }

    private interface TopicAct {
        void on(Topic topic) throws IOException;
    }

    private interface ChannelAct {
        void on(Topic topic, String channel) throws IOException;
    }

    // ---- configuration

    private HttpReply config(HttpRequest request) throws IOException {
        var option = option(request.path("opt"));
        return option == null ? HttpReply.error(400, "INVALID_OPTION") : value(option);
    }

    private @Nullable Option<?> option(String key) {
        for (var option : context.settings().options()) {
            if (option.configKey().equals(key) && !NO_OPTIONS.contains(key)) {
                return option;
            }
        }
        return null;
    }

    private HttpReply value(Option<?> option) throws IOException {
        var given = context.settings().get(option);
        var value = context.completed().get().getOrDefault(option.configKey(), given);
        if (option == logLevel) {
            return HttpReply.json(Integer.toString(LEVELS.indexOf(value) + 1));
        }
        if (value instanceof TlsRequired required) {
            return HttpReply.json(Integer.toString(required.number()));
        }
        if (value instanceof TlsVersion version) {
            return HttpReply.json(Integer.toString(version.number()));
        }
        if (value instanceof String text) {
            return text.isEmpty() ? HttpReply.empty() : HttpReply.text(200, text);
        }
        return json(json -> {
            if (value instanceof Duration duration) {
                json.writeNumber(duration.toNanos());
            } else if (value instanceof List<?> list) {
                json.writeStartArray();
                for (var element : list) {
                    if (element instanceof Double number) {
                        json.writeNumber(number);
                    } else {
                        json.writeString(String.valueOf(element));
                    }
                }
                json.writeEndArray();
            } else {
                json.writeRawValue(String.valueOf(value));
            }
        });
    }

    private HttpReply changeConfig(HttpRequest request) throws IOException {
        if (request.isBodyTooLarge() || request.body().length == 0) {
            return HttpReply.error(413, "INVALID_VALUE");
        }
        var option = option(request.path("opt"));
        if (option != lookups && option != logLevel) {
            return HttpReply.error(400, "INVALID_OPTION");
        }
        var body = new String(request.body(), StandardCharsets.UTF_8);
        var text = option == lookups ? addresses(body) : body;
        if (text == null) {
            return HttpReply.error(400, "INVALID_VALUE");
        }
        try {
            context.settings().set(option, text);
        } catch (UsageException invalid) {
            return HttpReply.error(400, "INVALID_VALUE");
        }
        context.settingsChanged().run();
        return value(option);
    }

    /// A JSON array of strings as the flag's text; null when the body is none, or has too many.
    private static @Nullable String addresses(String body) {
        var addresses = new ArrayList<String>();
        try (var json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                return null;
            }
            while (json.nextToken() == JsonToken.VALUE_STRING) {
                addresses.add(json.getText());
            }
            boolean whole = json.currentToken() == JsonToken.END_ARRAY && json.nextToken() == null;
            return whole && addresses.size() <= Registration.MAX_LOOKUPS ? String.join(",", addresses) : null;
        } catch (IOException malformed) {
            return null;
        }
    }

    // ---- for developers

    /// A JVM's locks are observed by flight recordings, whatever the rate; only what would be refused is.
    private static HttpReply setBlockRate(HttpRequest request) {
        var given = request.query("rate");
        var rate = given == null ? "" : given;
        try {
            Long.parseLong(rate);
            return HttpReply.empty();
        } catch (NumberFormatException notANumber) {
            var cause = rate.matches("[+-]?[0-9]+") ? "value out of range" : "invalid syntax";
            return HttpReply.plain(400, "invalid block rate : strconv.Atoi: parsing \"" + rate + "\": " + cause);
        }
    }

    private static HttpReply freeMemory() {
        System.gc();
        return HttpReply.empty();
    }

    // ---- JSON

    static HttpReply json(JsonBody body) throws IOException {
        return json(200, body);
    }

    static HttpReply json(int status, JsonBody body) throws IOException {
        var text = new StringWriter();
        try (var json = JSON.createGenerator(text)) {
            body.write(json);
        }
        return HttpReply.json(status, text.toString());
    }

    static HttpReply streamedJson(JsonBody body) {
        return HttpReply.streamedJson(writer -> {
            try (var json = JSON.createGenerator(writer)) {
                body.write(json);
            }
        });
    }

    /// Writes one JSON value.
    @FunctionalInterface
    interface JsonBody {
        void write(JsonGenerator json) throws IOException;
    }
}
