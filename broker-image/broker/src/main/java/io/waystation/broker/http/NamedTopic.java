package io.waystation.broker.http;

import io.waystation.broker.topic.LimitReachedException;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.Topics;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import io.waystation.wire.Names;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// The topic that a request to NSQ's API names: checked, found or made, and the answers when it cannot be had.
/// Immutable.
record NamedTopic(Topics topics, @Nullable String argument) {
    /// A topic's files are damaged or cannot be opened.
    static final String DAMAGED = "TOPIC_DAMAGED";

    static NamedTopic of(ApiContext context, HttpRequest request) {
        return new NamedTopic(context.topics(), request.query("topic"));
    }

    private String name() {
        return String.valueOf(argument);
    }

    /// The answer when no topic is named; null when one is.
    @Nullable HttpReply absence() {
        return argument == null ? HttpReply.error(400, "MISSING_ARG_TOPIC") : null;
    }

    /// The answer when no topic is named, or none that can be, with that code; null when all is well.
    @Nullable HttpReply refusal(String invalid) {
        var absence = absence();
        if (absence != null) {
            return absence;
        }
        return Names.isValid(name()) ? null : HttpReply.error(400, invalid);
    }

    @Nullable Topic find() {
        return topics.find(name());
    }

    Topic obtain() throws IOException {
        try {
            return topics.obtain(name()).join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof IOException io ? io : new IOException(failure);
        }
    }

    boolean delete() throws IOException {
        return topics.delete(name());
    }

    /// There is no such topic, or it is out of service.
    HttpReply notFound() {
        return topics.damage(name()) == null ? HttpReply.error(404, "TOPIC_NOT_FOUND") : HttpReply.error(503, DAMAGED);
    }

    /// The topic could not be had.
    HttpReply failed(IOException cause) {
        if (cause instanceof LimitReachedException limit) {
            return HttpReply.error(503, limit.code());
        }
        return topics.damage(name()) == null
                ? HttpPublish.refusal(String.valueOf(cause.getMessage()))
                : HttpReply.error(503, DAMAGED);
    }
}
