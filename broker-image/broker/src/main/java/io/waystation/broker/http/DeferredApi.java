package io.waystation.broker.http;

import io.waystation.broker.topic.Topics;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Shows deferred messages and takes them back: `…/topics/{topic}/deferred`.
final class DeferredApi {
    private static final String PATH = OperatorApi.ROOT + "/topics/:topic/deferred";
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1000;
    /// Of a message's body in a listing.
    private static final int MAX_SHOWN_BYTES = 1024;

    private final ApiContext context;

    DeferredApi(ApiContext context) {
        this.context = context;
    }

    void addTo(HttpApi api) {
        api.largeRoute("GET", PATH, OperatorApi.MAX_BODY_BYTES, request -> OperatorApi.answer(() -> list(request)));
        api.route("DELETE", PATH, OperatorApi.MAX_BODY_BYTES, request -> OperatorApi.answer(() -> cancelAll(request)));
        api.route(
                "DELETE",
                PATH + "/:id",
                OperatorApi.MAX_BODY_BYTES,
                request -> OperatorApi.answer(() -> cancel(request)));
    }

    private record Entry(String id, long dueMs, long timestampMs, int size, String shown) {
        static Entry of(String id, long dueMs, long timestampMs, ByteBuffer source, int position, int length) {
            var shown = new byte[Math.min(length, MAX_SHOWN_BYTES)];
            source.get(position, shown);
            return new Entry(id, dueMs, timestampMs, length, Base64.getEncoder().encodeToString(shown));
        }
    }

    private record Page(List<Entry> entries, @Nullable String next) {}

    private HttpReply list(HttpRequest request) throws IOException, RefusedException {
        var topic = context.topics().find(request.path("topic"));
        if (topic == null) {
            return OperatorApi.topicNotFound(context, request);
        }
        var after = request.query("after");
        int limit = limit(request.query("limit"));
        Page page;
        try {
            page = Topics.onLoop(topic, () -> {
                var entries = new ArrayList<Entry>();
                var next = topic.listDeferred(
                        after,
                        limit,
                        (id, dueMs, timestampMs, source, position, length) ->
                                entries.add(Entry.of(id, dueMs, timestampMs, source, position, length)));
                return new Page(entries, next);
            });
        } catch (IllegalArgumentException invalid) {
            throw new RefusedException(400, "INVALID_ARGUMENT", String.valueOf(invalid.getMessage()));
        }
        return JsonReply.of(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("deferred");
            for (var entry : page.entries) {
                json.writeStartObject();
                json.writeStringField("id", entry.id);
                json.writeNumberField("dueTime", entry.dueMs);
                json.writeNumberField("publishTime", entry.timestampMs);
                json.writeNumberField("size", entry.size);
                json.writeStringField("body", entry.shown);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeStringField("next", page.next);
            json.writeEndObject();
        });
    }

    private static int limit(@Nullable String text) throws RefusedException {
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit > 0 && limit <= MAX_LIMIT) {
                return limit;
            }
        } catch (NumberFormatException notANumber) {
            // Refused below, as a number out of bounds is.
        }
        throw new RefusedException(400, "INVALID_ARGUMENT", "limit: '" + text + "' (expected: 1.." + MAX_LIMIT + ")");
    }

    private HttpReply cancel(HttpRequest request) throws IOException {
        var topic = context.topics().find(request.path("topic"));
        if (topic == null) {
            return OperatorApi.topicNotFound(context, request);
        }
        var id = request.path("id");
        return Topics.change(topic, () -> topic.cancelDeferred(id))
                ? HttpReply.json("{}")
                : OperatorApi.refusal(
                        404,
                        "DEFERRED_NOT_FOUND",
                        "no deferred message " + id + " (it is delivered, or was taken back)");
    }

    private HttpReply cancelAll(HttpRequest request) throws IOException {
        var topic = context.topics().find(request.path("topic"));
        if (topic == null) {
            return OperatorApi.topicNotFound(context, request);
        }
        long count = Topics.change(topic, topic::cancelDeferred);
        return HttpReply.json("{\"cancelled\":" + count + "}");
    }
}
