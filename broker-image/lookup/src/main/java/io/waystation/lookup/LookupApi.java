package io.waystation.lookup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.waystation.daemon.DebugApi;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import io.waystation.daemon.Options;
import io.waystation.wire.Names;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// nsqlookupd's HTTP API. What may be long is written while it is sent, from what was registered by then.
final class LookupApi {
    /// What Go's zero time is in nanoseconds, as nsqlookupd prints it for what was never tombstoned.
    private static final long NEVER = -6795364578871345152L;

    private static final Logger LOG = LoggerFactory.getLogger(LookupApi.class);
    private static final JsonFactory JSON = new JsonFactory();

    private final RegistrationDb registrations;

    LookupApi(RegistrationDb registrations) {
        this.registrations = registrations;
    }

    /// Answers a request, or says with which status and code it is refused.
    @FunctionalInterface
    private interface Answer {
        HttpReply to(HttpRequest request) throws IOException, RefusalException, RegistrationsFullException;
    }

    private static final class RefusalException extends Exception {
        private static final long serialVersionUID = 1;

        private final int status;

        RefusalException(int status, String code) {
            super(code, null, false, false);
            this.status = status;
        }

        HttpReply reply() {
            return HttpReply.error(status, String.valueOf(getMessage()));
        }
    }

    void addTo(HttpApi api) {
        route(api, "GET", "/ping", request -> HttpReply.ok());
        route(api, "GET", "/info", request -> HttpReply.json("{\"version\":\"" + Options.NSQ_VERSION + "\"}"));
        large(api, "/topics", request -> names("topics", registrations.topics()));
        large(api, "/channels", this::channels);
        large(api, "/lookup", this::lookup);
        large(api, "/nodes", request -> nodes());
        large(api, "/debug", request -> debug());
        route(api, "POST", "/topic/create", this::createTopic);
        route(api, "POST", "/topic/delete", this::deleteTopic);
        route(api, "POST", "/topic/tombstone", this::tombstone);
        route(api, "POST", "/channel/create", this::createChannel);
        route(api, "POST", "/channel/delete", this::deleteChannel);
        new DebugApi().addTo(api);
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

    // No call has a body; one that comes nevertheless (curl -d) is read and forgotten.

    private static void route(HttpApi api, String method, String path, Answer answer) {
        api.route(method, path, 0, request -> answerOrRefusal(answer, request));
    }

    private static void large(HttpApi api, String path, Answer answer) {
        api.largeRoute("GET", path, 0, request -> answerOrRefusal(answer, request));
    }

    private static HttpReply answerOrRefusal(Answer answer, HttpRequest request) throws IOException {
        try {
            return answer.to(request);
        } catch (RefusalException refusal) {
            return refusal.reply();
        } catch (RegistrationsFullException full) {
            LOG.atWarn()
                    .addKeyValue("path", request.path())
                    .addKeyValue("cause", full.getMessage())
                    .log("request refused");
            return HttpReply.error(503, "TOO_MANY_TOPICS_AND_CHANNELS");
        }
    }

    private static HttpReply names(String key, List<String> names) {
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

    private HttpReply channels(HttpRequest request) throws RefusalException {
        var channels = registrations.channels(parameter(request, "topic"));
        return names("channels", channels == null ? List.of() : channels);
    }

    private HttpReply lookup(HttpRequest request) throws RefusalException {
        var topic = parameter(request, "topic");
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

    private static void describe(JsonGenerator json, Peer peer) throws IOException {
        json.writeStringField("hostname", peer.hostname());
        json.writeStringField("broadcast_address", peer.broadcastAddress());
        json.writeNumberField("tcp_port", peer.tcpPort());
        json.writeNumberField("http_port", peer.httpPort());
        json.writeStringField("version", peer.version());
        json.writeStringField("topology_zone", peer.topologyZone());
        json.writeStringField("topology_region", peer.topologyRegion());
    }

    private HttpReply nodes() {
        var producers = registrations.producers();
        return json(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("producers");
            for (var producer : producers) {
                write(json, producer, registrations.topicsOf(producer));
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void write(JsonGenerator json, Producer producer, List<RegistrationDb.NodeTopic> topics)
            throws IOException {
        json.writeStartObject();
        describe(json, producer);
        json.writeArrayFieldStart("tombstones");
        for (var topic : topics) {
            json.writeBoolean(topic.tombstoned());
        }
        json.writeEndArray();
        json.writeArrayFieldStart("topics");
        for (var topic : topics) {
            json.writeString(topic.name());
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /// Keys in nsqlookupd's order, which is that of their texts; a topic at a time.
    private HttpReply debug() {
        var topics = new ArrayList<>(registrations.topics());
        topics.sort(Comparator.comparing(topic -> topic + ":"));
        return json(json -> {
            json.writeStartObject();
            for (var topic : topics) {
                for (var channel : registrations.entriesOfChannels(topic).entrySet()) {
                    write(json, "channel:" + topic + ":" + channel.getKey(), channel.getValue());
                }
            }
            write(json, "client::", registrations.entriesOfClients());
            for (var topic : topics) {
                write(json, "topic:" + topic + ":", registrations.entriesOf(topic));
            }
            json.writeEndObject();
        });
    }

    /// A key without producers is left out.
    private static void write(JsonGenerator json, String key, Iterable<RegistrationDb.Entry> entries)
            throws IOException {
        boolean begun = false;
        for (var entry : entries) {
            if (!begun) {
                json.writeArrayFieldStart(key);
                begun = true;
            }
            write(json, entry);
        }
        if (begun) {
            json.writeEndArray();
        }
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

    private HttpReply createTopic(HttpRequest request) throws RefusalException, RegistrationsFullException {
        registrations.createTopic(name(request, "topic"));
        return HttpReply.empty();
    }

    private HttpReply deleteTopic(HttpRequest request) throws RefusalException {
        registrations.deleteTopic(parameter(request, "topic"));
        return HttpReply.empty();
    }

    private HttpReply tombstone(HttpRequest request) throws RefusalException {
        registrations.tombstone(parameter(request, "topic"), parameter(request, "node"));
        return HttpReply.empty();
    }

    private HttpReply createChannel(HttpRequest request) throws RefusalException, RegistrationsFullException {
        registrations.createChannel(name(request, "topic"), name(request, "channel"));
        return HttpReply.empty();
    }

    private HttpReply deleteChannel(HttpRequest request) throws RefusalException {
        return registrations.deleteChannel(name(request, "topic"), name(request, "channel"))
                ? HttpReply.empty()
                : HttpReply.error(404, "CHANNEL_NOT_FOUND");
    }

    private static String parameter(HttpRequest request, String key) throws RefusalException {
        var value = request.query(key);
        if (value == null) {
            throw new RefusalException(400, "MISSING_ARG_" + key.toUpperCase(Locale.ROOT));
        }
        return value;
    }

    private static String name(HttpRequest request, String key) throws RefusalException {
        var name = parameter(request, key);
        if (!Names.isValid(name)) {
            throw new RefusalException(400, "INVALID_ARG_" + key.toUpperCase(Locale.ROOT));
        }
        return name;
    }

    private static HttpReply json(JsonBody body) {
        return HttpReply.streamedJson(text -> {
            try (var json = JSON.createGenerator(text)) {
                body.write(json);
            }
        });
    }

    @FunctionalInterface
    private interface JsonBody {
        void write(JsonGenerator json) throws IOException;
    }
}
