package io.waystation.broker.http;

import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// nsqd's `/stats`, in text or JSON: of all topics, of one, or of one channel.
final class StatsApi {
    private final ApiContext context;

    StatsApi(ApiContext context) {
        this.context = context;
    }

    void addTo(HttpApi api) {
        api.largeRoute("GET", "/stats", NsqApi.NO_BODY, this::stats);
    }

    private HttpReply stats(HttpRequest request) {
        boolean json = "json".equals(request.query("format"));
        boolean withClients = NsqApi.isTrue(request.query("include_clients"), true);
        boolean withMemory = NsqApi.isTrue(request.query("include_mem"), true);
        var topicName = nonEmpty(request.query("topic"));
        var channelName = nonEmpty(request.query("channel"));
        Supplier<BrokerStats> stats = () -> stats(withClients, withMemory, topicName, channelName);
        return json
                ? JsonReply.streamed(body -> StatsJson.write(body, stats.get()))
                : HttpReply.streamedText(body -> new StatsText(body, stats.get(), now()).write());
    }

    private static Instant now() {
        return Instant.ofEpochMilli(System.currentTimeMillis());
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
}
