package io.waystation.broker.http;

import io.waystation.broker.topic.Channel;
import io.waystation.broker.topic.LimitReachedException;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.Topics;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpHandler;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import io.waystation.wire.Names;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Topics and channels by NSQ's HTTP API: created, deleted, emptied, paused.
final class TopicsApi {
    private final ApiContext context;

    TopicsApi(ApiContext context) {
        this.context = context;
    }

    void addTo(HttpApi api) {
        post(api, "/topic/create", this::createTopic);
        post(api, "/topic/delete", this::deleteTopic);
        post(api, "/topic/empty", this::emptyTopic);
        post(api, "/topic/pause", request -> pauseTopic(request, true));
        post(api, "/topic/unpause", request -> pauseTopic(request, false));
        post(api, "/channel/create", this::createChannel);
        postChannel(api, "/channel/delete", (topic, channel) -> topic.deleteChannel(channel.name()));
        postChannel(api, "/channel/empty", (_, channel) -> channel.empty());
        postChannel(api, "/channel/pause", (_, channel) -> channel.pause(true));
        postChannel(api, "/channel/unpause", (_, channel) -> channel.pause(false));
        addOldPaths(api);
    }

    private static void post(HttpApi api, String path, HttpHandler handler) {
        api.route("POST", path, NsqApi.NO_BODY, handler);
    }

    private void postChannel(HttpApi api, String path, ChannelAct act) {
        post(api, path, request -> onChannel(request, act));
    }

    /// The paths of releases before 1.0, which old instructions still name.
    private static void addOldPaths(HttpApi api) {
        for (var noun : List.of("topic", "channel")) {
            api.alias("GET", "/create_" + noun, "/" + noun + "/create");
            for (var verb : List.of("create", "delete", "empty", "pause", "unpause")) {
                api.alias("POST", "/" + verb + "_" + noun, "/" + noun + "/" + verb);
            }
        }
    }

    // ---- topics

    private HttpReply createTopic(HttpRequest request) {
        var named = NamedTopic.of(context, request);
        var refusal = named.refusal("INVALID_TOPIC");
        if (refusal != null) {
            return refusal;
        }
        try {
            named.obtain();
            return HttpReply.empty();
        } catch (IOException failure) {
            return named.failed(failure);
        }
    }

    private HttpReply deleteTopic(HttpRequest request) throws IOException {
        var named = NamedTopic.of(context, request);
        var absence = named.absence();
        if (absence != null) {
            return absence;
        }
        return named.delete() ? HttpReply.empty() : named.notFound();
    }

    private HttpReply emptyTopic(HttpRequest request) throws IOException {
        var named = NamedTopic.of(context, request);
        var refusal = named.refusal("INVALID_TOPIC");
        return refusal != null ? refusal : onTopic(named, Topic::empty);
    }

    private HttpReply pauseTopic(HttpRequest request, boolean pause) throws IOException {
        var named = NamedTopic.of(context, request);
        var absence = named.absence();
        return absence != null ? absence : onTopic(named, topic -> topic.pause(pause));
    }

    private interface TopicAct {
        void on(Topic topic) throws IOException;
    }

    private static HttpReply onTopic(NamedTopic named, TopicAct act) throws IOException {
        var topic = named.find();
        if (topic == null) {
            return named.notFound();
        }
        return Topics.change(topic, () -> {
            act.on(topic);
            return HttpReply.empty();
        });
    }

    // ---- channels

    private HttpReply createChannel(HttpRequest request) throws IOException {
        var named = NamedTopic.of(context, request);
        var refusal = channelRefusal(named, request);
        if (refusal != null) {
            return refusal;
        }
        try {
            return onTopic(named, topic -> topic.obtainChannel(channelName(request)));
        } catch (LimitReachedException limit) {
            return HttpReply.error(503, limit.code());
        }
    }

    private static @Nullable HttpReply channelRefusal(NamedTopic named, HttpRequest request) {
        var refusal = named.refusal("INVALID_ARG_TOPIC");
        if (refusal != null) {
            return refusal;
        }
        if (request.query("channel") == null) {
            return HttpReply.error(400, "MISSING_ARG_CHANNEL");
        }
        return Names.isValid(channelName(request)) ? null : HttpReply.error(400, "INVALID_ARG_CHANNEL");
    }

    private static String channelName(HttpRequest request) {
        return String.valueOf(request.query("channel"));
    }

    private interface ChannelAct {
        void on(Topic topic, Channel channel) throws IOException;
    }

    private HttpReply onChannel(HttpRequest request, ChannelAct act) throws IOException {
        var named = NamedTopic.of(context, request);
        var refusal = channelRefusal(named, request);
        if (refusal != null) {
            return refusal;
        }
        var topic = named.find();
        if (topic == null) {
            return named.notFound();
        }
        return Topics.change(topic, () -> {
            var channel = topic.channel(channelName(request));
            if (channel == null) {
                return HttpReply.error(404, "CHANNEL_NOT_FOUND");
            }
            act.on(topic, channel);
            return HttpReply.empty();
        });
    }
}
