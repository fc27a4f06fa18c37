package io.waystation.broker.http;

import io.waystation.broker.topic.PublishRefusals;
import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.Volume;
import io.waystation.daemon.HttpReply;
import io.waystation.wire.PublishAttributes;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/// One publish by HTTP: handed to the topic's loop, answered when it is stored. The future is the only thing that both
/// threads touch.
final class HttpPublish implements PublishWaiter {
    private final PublishRefusals refusals;
    private final CompletableFuture<HttpReply> reply = new CompletableFuture<>();

    private HttpPublish(PublishRefusals refusals) {
        this.refusals = refusals;
    }

    static HttpReply one(PublishRefusals refusals, Topic topic, byte[] body, PublishAttributes attributes) {
        var publish = new HttpPublish(refusals);
        topic.loop().execute(() -> topic.publish(attributes, ByteBuffer.wrap(body), 0, body.length, publish, 0));
        return publish.reply.join();
    }

    /// Publishes messages as one, each after the delay.
    static HttpReply batch(PublishRefusals refusals, Topic topic, MessageBatch batch, long deferMs) {
        var publish = new HttpPublish(refusals);
        topic.loop().execute(() -> topic.publishBatch(deferMs, batch.messages(), 0, batch.count(), publish, 0));
        return publish.reply.join();
    }

    @Override
    public void onPublished(int ticket) {
        reply.complete(HttpReply.ok());
    }

    @Override
    public void onPublishFailed(int ticket, String cause) {
        refusals.count(cause);
        reply.complete(refusal(cause));
    }

    static HttpReply refusal(String cause) {
        if (cause.startsWith(Topic.TOO_BIG)) {
            return HttpReply.error(413, "MSG_TOO_BIG");
        }
        return switch (cause) {
            case "exiting" -> HttpReply.error(503, "EXITING");
            case "cordoned" -> HttpReply.error(503, "CORDONED");
            default ->
                cause.startsWith(Volume.DISK_FULL)
                        ? HttpReply.error(503, "DISK_FULL")
                        : HttpReply.error(500, "INTERNAL_ERROR");
        };
    }
}
