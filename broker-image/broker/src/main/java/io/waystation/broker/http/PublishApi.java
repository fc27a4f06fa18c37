package io.waystation.broker.http;

import io.waystation.broker.topic.PublishRefusals;
import io.waystation.broker.topic.Topic;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// Publishing by NSQ's HTTP API: `/pub` and `/mpub`, with the parameters `key` and `dedup` of our own.
final class PublishApi {
    private final ApiContext context;
    private final IntSupplier maxMessageBytes;
    private final IntSupplier maxBodyBytes;

    PublishApi(ApiContext context, IntSupplier maxMessageBytes, IntSupplier maxBodyBytes) {
        this.context = context;
        this.maxMessageBytes = maxMessageBytes;
        this.maxBodyBytes = maxBodyBytes;
    }

    void addTo(HttpApi api) {
        api.route("POST", "/pub", maxMessageBytes, request -> counted(one(request)));
        api.route("POST", "/mpub", maxBodyBytes, request -> counted(many(request)));
        // The paths of releases before 1.0.
        api.alias("POST", "/put", "/pub");
        api.alias("POST", "/mput", "/mpub");
    }

    /// Counts a publish that was refused for what it is; others are counted where their cause is known.
    private HttpReply counted(HttpReply reply) {
        if (reply.status() / 100 == 4) {
            refusals().count(PublishRefusals.Reason.INVALID);
        }
        return reply;
    }

    private PublishRefusals refusals() {
        return context.topics().refusals();
    }

    private HttpReply one(HttpRequest request) {
        if (request.isBodyTooLarge()) {
            return HttpReply.error(413, "MSG_TOO_BIG");
        }
        if (request.body().length == 0) {
            return HttpReply.error(400, "MSG_EMPTY");
        }
        return publish(
                request, topic -> HttpPublish.one(refusals(), topic, request.body(), attributes(topic, request)));
    }

    private HttpReply many(HttpRequest request) {
        if (request.isBodyTooLarge()) {
            return HttpReply.error(413, "BODY_TOO_BIG");
        }
        return publish(request, topic -> {
            long deferMs = deferMs(topic, request);
            var batch = batch(request);
            return batch.count() == 0 ? HttpReply.ok() : HttpPublish.batch(refusals(), topic, batch, deferMs);
        });
    }

    private interface Publish {
        HttpReply to(Topic topic) throws RefusedException;
    }

    /// As nsqd does, makes the topic before it looks at the rest.
    private HttpReply publish(HttpRequest request, Publish publish) {
        var named = NamedTopic.of(context, request);
        var refusal = named.refusal("INVALID_TOPIC");
        if (refusal != null) {
            return refusal;
        }
        try {
            return publish.to(named.obtain());
        } catch (RefusedException refused) {
            return HttpReply.error(refused.status, refused.code);
        } catch (IOException failure) {
            refusals().count(String.valueOf(failure.getMessage()));
            return named.failed(failure);
        }
    }

    private static PublishAttributes attributes(Topic topic, HttpRequest request) throws RefusedException {
        long deferMs = deferMs(topic, request);
        var attributes = deferMs == 0 ? PublishAttributes.NONE : PublishAttributes.NONE.withDefer(deferMs);
        var key = key(request, "key", "INVALID_KEY");
        if (key != null) {
            attributes = attributes.withKey(key);
        }
        var dedup = key(request, "dedup", "INVALID_DEDUP");
        return dedup == null ? attributes : attributes.withDedup(dedup);
    }

    private static byte @Nullable [] key(HttpRequest request, String name, String invalid) throws RefusedException {
        var text = request.query(name);
        if (text == null) {
            return null;
        }
        var key = text.getBytes(StandardCharsets.UTF_8);
        if (!PublishAttributes.isKey(key)) {
            throw new RefusedException(400, invalid);
        }
        return key;
    }

    /// The delay that is asked for; 0 when there is none.
    private static long deferMs(Topic topic, HttpRequest request) throws RefusedException {
        var text = request.query("defer");
        if (text == null) {
            return 0;
        }
        long delayMs = number(text);
        if (delayMs < 0 || delayMs > topic.settings().maxDeferMs()) {
            throw new RefusedException(400, "INVALID_DEFER");
        }
        return delayMs;
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException notANumber) {
            return -1;
        }
    }

    private MessageBatch batch(HttpRequest request) throws RefusedException {
        return NsqApi.isTrue(request.query("binary"), false)
                ? MessageBatch.binary(request.body(), maxMessageBytes.getAsInt(), maxBodyBytes.getAsInt())
                : MessageBatch.lines(request.body(), maxMessageBytes.getAsInt());
    }
}
