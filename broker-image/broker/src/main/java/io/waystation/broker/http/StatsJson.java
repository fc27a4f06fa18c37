package io.waystation.broker.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.waystation.broker.topic.AuthStats;
import io.waystation.broker.topic.ChannelStats;
import io.waystation.broker.topic.ClientStats;
import io.waystation.broker.topic.LatencyStats;
import io.waystation.broker.topic.NearbyStats;
import io.waystation.broker.topic.TopicStats;
import java.io.IOException;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `/stats?format=json`, keys in nsqd's order; null and `[]` exactly where nsqd has them.
final class StatsJson {
    private StatsJson() {}

    static void write(JsonGenerator json, BrokerStats stats) throws IOException {
        json.writeStartObject();
        json.writeStringField("version", BrokerStats.NSQD_VERSION);
        json.writeStringField("health", stats.health());
        json.writeNumberField("start_time", stats.startSeconds());
        json.writeFieldName("topics");
        var topics = stats.topics();
        if (topics == null) {
            json.writeNull();
        } else {
            json.writeStartArray();
            while (topics.hasNext()) {
                topic(json, topics.next(), stats.withClients());
            }
            json.writeEndArray();
        }
        if (stats.withMemory()) {
            json.writeObjectFieldStart("memory");
            for (var figure : MemoryStats.read().figures().entrySet()) {
                json.writeNumberField(figure.getKey(), figure.getValue());
            }
            json.writeEndObject();
        }
        json.writeFieldName("producers");
        producers(json, stats.producers());
        damaged(json, stats.damaged());
        json.writeEndObject();
    }

    private static void topic(JsonGenerator json, TopicStats topic, boolean withClients) throws IOException {
        json.writeStartObject();
        json.writeStringField("topic_name", topic.name());
        json.writeArrayFieldStart("channels");
        for (var channel : topic.channels()) {
            channel(json, channel, withClients);
        }
        json.writeEndArray();
        json.writeNumberField("depth", topic.depth());
        json.writeNumberField("backend_depth", topic.depth());
        json.writeNumberField("message_count", topic.messageCount());
        json.writeNumberField("message_bytes", topic.messageBytes());
        json.writeBooleanField("paused", topic.paused());
        latency(json, topic.latency());
        json.writeEndObject();
    }

    private static void channel(JsonGenerator json, ChannelStats channel, boolean withClients) throws IOException {
        json.writeStartObject();
        json.writeStringField("channel_name", channel.name());
        json.writeNumberField("depth", channel.depth());
        json.writeNumberField("backend_depth", channel.depth());
        json.writeNumberField("in_flight_count", channel.inFlightCount());
        json.writeNumberField("deferred_count", channel.deferredCount());
        json.writeNumberField("message_count", channel.messageCount());
        nearby(json, channel.nearby());
        json.writeNumberField("requeue_count", channel.requeueCount());
        json.writeNumberField("timeout_count", channel.timeoutCount());
        json.writeNumberField("client_count", channel.clientCount());
        json.writeFieldName("clients");
        if (withClients) {
            json.writeStartArray();
            for (var client : channel.clients()) {
                client(json, client);
            }
            json.writeEndArray();
        } else {
            json.writeNull();
        }
        json.writeBooleanField("paused", channel.paused());
        latency(json, channel.latency());
        json.writeNumberField("expired_count", channel.expiredCount());
        json.writeNumberField("dead_letter_count", channel.deadLetterCount());
        json.writeNumberField("dropped_count", channel.droppedCount());
        json.writeFieldName("settings");
        ChannelSettingsJson.write(json, channel.settings());
        json.writeStringField("stall", channel.stall());
        json.writeEndObject();
    }

    private static void nearby(JsonGenerator json, NearbyStats nearby) throws IOException {
        unlessZero(json, "zone_local_msg_count", nearby.zone());
        unlessZero(json, "region_local_msg_count", nearby.region());
        unlessZero(json, "global_msg_count", nearby.elsewhere());
    }

    private static void unlessZero(JsonGenerator json, String key, long count) throws IOException {
        if (count > 0) {
            json.writeNumberField(key, count);
        }
    }

    private static void latency(JsonGenerator json, LatencyStats latency) throws IOException {
        json.writeObjectFieldStart("e2e_processing_latency");
        json.writeNumberField("count", latency.count());
        if (latency.percentiles().isEmpty()) {
            json.writeNullField("percentiles");
        } else {
            json.writeArrayFieldStart("percentiles");
            for (var percentile : latency.percentiles()) {
                json.writeStartObject();
                json.writeFieldName("quantile");
                json.writeRawValue(quantile(percentile.quantile()));
                json.writeNumberField("value", percentile.valueNs());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    /// As Go writes it: 1, not 1.0.
    private static String quantile(double quantile) {
        return quantile == 1 ? "1" : Double.toString(quantile);
    }

    private static void producers(JsonGenerator json, @Nullable Iterator<ClientStats> producers) throws IOException {
        if (producers == null || !producers.hasNext()) {
            json.writeNull();
            return;
        }
        json.writeStartArray();
        while (producers.hasNext()) {
            client(json, producers.next());
        }
        json.writeEndArray();
    }

    /// nsqd has no such key, so it is there only when it says something.
    private static void damaged(JsonGenerator json, Map<String, String> topics) throws IOException {
        if (topics.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart("damaged_topics");
        for (var topic : topics.entrySet()) {
            json.writeStartObject();
            json.writeStringField("topic_name", topic.getKey());
            json.writeStringField("cause", topic.getValue());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void auth(JsonGenerator json, @Nullable AuthStats auth) throws IOException {
        if (auth == null) {
            return;
        }
        json.writeBooleanField("authed", true);
        if (!auth.identity().isEmpty()) {
            json.writeStringField("auth_identity", auth.identity());
        }
        if (!auth.identityUrl().isEmpty()) {
            json.writeStringField("auth_identity_url", auth.identityUrl());
        }
    }

    private static void client(JsonGenerator json, ClientStats client) throws IOException {
        json.writeStartObject();
        json.writeStringField("client_id", client.clientId());
        json.writeStringField("hostname", client.hostname());
        json.writeStringField("version", "V2");
        json.writeStringField("remote_address", client.remoteAddress());
        json.writeNumberField("state", client.state());
        json.writeNumberField("ready_count", client.readyCount());
        json.writeNumberField("in_flight_count", client.inFlightCount());
        json.writeNumberField("message_count", client.messageCount());
        nearby(json, client.nearby());
        json.writeNumberField("finish_count", client.finishCount());
        json.writeNumberField("requeue_count", client.requeueCount());
        json.writeNumberField("connect_ts", client.connectSeconds());
        json.writeNumberField("sample_rate", client.sampleRate());
        json.writeBooleanField("deflate", client.deflate());
        json.writeBooleanField("snappy", client.snappy());
        json.writeStringField("user_agent", client.userAgent());
        auth(json, client.auth());
        json.writeStringField("topology_zone", client.topologyZone());
        json.writeStringField("topology_region", client.topologyRegion());
        if (!client.publishCounts().isEmpty()) {
            json.writeArrayFieldStart("pub_counts");
            for (var count : client.publishCounts().entrySet()) {
                json.writeStartObject();
                json.writeStringField("topic", count.getKey());
                json.writeNumberField("count", count.getValue());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        var tls = client.tls();
        json.writeBooleanField("tls", tls != null);
        json.writeStringField("tls_cipher_suite", tls == null ? "" : tls.cipherSuite());
        json.writeStringField("tls_version", tls == null ? "" : tls.version());
        json.writeStringField("tls_negotiated_protocol", tls == null ? "" : tls.protocol());
        // Go says so of every session that it serves.
        json.writeBooleanField("tls_negotiated_protocol_is_mutual", tls != null);
        json.writeEndObject();
    }
}
