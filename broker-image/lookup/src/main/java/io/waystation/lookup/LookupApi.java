package io.waystation.lookup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import io.waystation.daemon.Options;
import io.waystation.wire.Names;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// nsqlookupd's HTTP API.
final class LookupApi {
    private static final int MAX_BODY_BYTES = 64 * 1024;
    /// What Go's zero time is in nanoseconds, as nsqlookupd prints it for what was never tombstoned.
    private static final long NEVER = -6795364578871345152L;

    private static final JsonFactory JSON = new JsonFactory();

    private final RegistrationDb registrations;

    LookupApi(RegistrationDb registrations) {
        this.registrations = registrations;
    }

    void addTo(HttpApi api) {
        api.route("GET", "/ping", MAX_BODY_BYTES, request -> HttpReply.ok());
        api.route(
                "GET",
                "/info",
                MAX_BODY_BYTES,
                request -> HttpReply.json("{\"version\":\"" + Options.NSQ_VERSION + "\"}"));
        api.route("GET", "/topics", MAX_BODY_BYTES, request -> names("topics", registrations.topics()));
        api.route("GET", "/channels", MAX_BODY_BYTES, this::channels);
        api.route("GET", "/lookup", MAX_BODY_BYTES, this::lookup);
        api.route("GET", "/nodes", MAX_BODY_BYTES, request -> nodes());
        api.route("GET", "/debug", MAX_BODY_BYTES, request -> debug());
        api.route("POST", "/topic/create", MAX_BODY_BYTES, this::createTopic);
        api.route("POST", "/topic/delete", MAX_BODY_BYTES, this::deleteTopic);
        api.route("POST", "/topic/tombstone", MAX_BODY_BYTES, this::tombstone);
        api.route("POST", "/channel/create", MAX_BODY_BYTES, this::createChannel);
        api.route("POST", "/channel/delete", MAX_BODY_BYTES, this::deleteChannel);
        // Names of releases before 1.0, which old instructions still use.
        for (var noun : List.of("topic", "channel")) {
            for (var verb : List.of("create", "delete")) {
                api.alias("POST", "/" + verb + "_" + noun, "/" + noun + "/" + verb);
            }
            api.alias("GET", "/create_" + noun, "/" + noun + "/create");
        }
        api.alias("POST", "/tombstone_topic_producer", "/topic/tombstone");
        api.alias("GET", "/nsqd", "/nodes");
    }

    private static HttpReply names(String key, List<String> names) throws IOException {
        return json(json -> {
            json.writeStartObject();
            write(json, key, names);
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, String key, List<String> names) throws IOException {
        json.writeArrayFieldStart(key);
        for (var name : names) {
            json.writeString(name);
        }
        json.writeEndArray();
    }

    private HttpReply channels(HttpRequest request) throws IOException {
        var topic = request.query("topic");
        if (topic == null) {
            return HttpReply.error(400, "MISSING_ARG_TOPIC");
        }
        var channels = registrations.channels(topic);
        return names("channels", channels == null ? List.of() : channels);
    }

    private HttpReply lookup(HttpRequest request) throws IOException {
        var topic = request.query("topic");
        if (topic == null) {
            return HttpReply.error(400, "MISSING_ARG_TOPIC");
        }
        var channels = registrations.channels(topic);
        if (channels == null) {
            return HttpReply.error(404, "TOPIC_NOT_FOUND");
        }
        var producers = registrations.producers(topic);
        return json(json -> {
            json.writeStartObject();
            write(json, "channels", channels);
            json.writeArrayFieldStart("producers");
            for (var producer : producers) {
                json.writeStartObject();
                describe(json, producer);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void describe(JsonGenerator json, Producer producer) throws IOException {
        json.writeStringField("remote_address", producer.remoteAddress());
        describe(json, producer.peer());
    }

    private static void describe(JsonGenerator json, Producer.Peer peer) throws IOException {
        json.writeStringField("hostname", peer.hostname());
        json.writeStringField("broadcast_address", peer.broadcastAddress());
        json.writeNumberField("tcp_port", peer.tcpPort());
        json.writeNumberField("http_port", peer.httpPort());
        json.writeStringField("version", peer.version());
        json.writeStringField("topology_zone", peer.topologyZone());
        json.writeStringField("topology_region", peer.topologyRegion());
    }

    private HttpReply nodes() throws IOException {
        var nodes = registrations.nodes();
        return json(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("producers");
            for (var node : nodes) {
                json.writeStartObject();
                describe(json, node.producer());
                json.writeArrayFieldStart("tombstones");
                for (boolean tombstoned : node.tombstones()) {
                    json.writeBoolean(tombstoned);
                }
                json.writeEndArray();
                write(json, "topics", node.topics());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private HttpReply debug() throws IOException {
        var all = registrations.all();
        return json(json -> {
            json.writeStartObject();
            for (var key : all.entrySet()) {
                json.writeArrayFieldStart(key.getKey());
                for (var entry : key.getValue()) {
                    write(json, entry);
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, RegistrationDb.Entry entry) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", entry.producer().remoteAddress());
        describe(json, entry.producer().peer());
        json.writeNumberField("last_update", entry.lastUpdateNs());
        json.writeBooleanField("tombstoned", entry.tombstoned());
        json.writeNumberField("tombstoned_at", entry.tombstonedAtNs() == 0 ? NEVER : entry.tombstonedAtNs());
        json.writeEndObject();
    }

    private HttpReply createTopic(HttpRequest request) {
        var refused = checkTopic(request);
        if (refused == null) {
            registrations.createTopic(parameter(request, "topic"));
        }
        return refused == null ? HttpReply.empty() : refused;
    }

    private HttpReply deleteTopic(HttpRequest request) {
        if (request.query("topic") == null) {
            return HttpReply.error(400, "MISSING_ARG_TOPIC");
        }
        registrations.deleteTopic(parameter(request, "topic"));
        return HttpReply.empty();
    }

    private HttpReply tombstone(HttpRequest request) {
        if (request.query("topic") == null) {
            return HttpReply.error(400, "MISSING_ARG_TOPIC");
        }
        if (request.query("node") == null) {
            return HttpReply.error(400, "MISSING_ARG_NODE");
        }
        registrations.tombstone(parameter(request, "topic"), parameter(request, "node"));
        return HttpReply.empty();
    }

    private HttpReply createChannel(HttpRequest request) {
        var refused = checkChannel(request);
        if (refused == null) {
            registrations.createChannel(parameter(request, "topic"), parameter(request, "channel"));
        }
        return refused == null ? HttpReply.empty() : refused;
    }

    private HttpReply deleteChannel(HttpRequest request) {
        var refused = checkChannel(request);
        if (refused != null) {
            return refused;
        }
        return registrations.deleteChannel(parameter(request, "topic"), parameter(request, "channel"))
                ? HttpReply.empty()
                : HttpReply.error(404, "CHANNEL_NOT_FOUND");
    }

    private static @Nullable HttpReply checkTopic(HttpRequest request) {
        var topic = request.query("topic");
        if (topic == null) {
            return HttpReply.error(400, "MISSING_ARG_TOPIC");
        }
        return Names.isValid(topic) ? null : HttpReply.error(400, "INVALID_ARG_TOPIC");
    }

    private static @Nullable HttpReply checkChannel(HttpRequest request) {
        var refused = checkTopic(request);
        if (refused != null) {
            return refused;
        }
        var channel = request.query("channel");
        if (channel == null) {
            return HttpReply.error(400, "MISSING_ARG_CHANNEL");
        }
        return Names.isValid(channel) ? null : HttpReply.error(400, "INVALID_ARG_CHANNEL");
    }

    private static String parameter(HttpRequest request, String name) {
        return String.valueOf(request.query(name));
    }

    private static HttpReply json(JsonBody body) throws IOException {
        var text = new StringWriter();
        try (var json = JSON.createGenerator(text)) {
            body.write(json);
        }
        return HttpReply.json(text.toString());
    }

    private interface JsonBody {
        void write(JsonGenerator json) throws IOException;
    }
}
