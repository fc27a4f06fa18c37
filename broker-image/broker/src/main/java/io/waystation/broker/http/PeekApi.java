package io.waystation.broker.http;

import io.waystation.broker.topic.Peek;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.Topics;
import io.waystation.channel.MessageState;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import io.waystation.log.LogReader;
import io.waystation.wire.MessageId;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;

/// Messages of a topic or a channel as JSON, a page at a time, without anything being consumed; described in
/// `docs/operator-api.md` of this module.
///
/// The topic's loop only copies where things are; the records are read here, on the request's thread. So a slow disk
/// holds up nobody but whoever looks. Safe from any thread: its only state is a semaphore.
public final class PeekApi {
    /// Pages that are read at once; whoever comes then waits for one to end. Bounds the memory that pages take.
    private static final int MAX_PAGES_AT_ONCE = 2;
    /// How often a page begins anew because retention deleted a file between the copy and the reading.
    private static final int MAX_ATTEMPTS = 3;

    private static final Map<String, Set<MessageState>> STATES = Map.of(
            "waiting", EnumSet.of(MessageState.WAITING),
            "inflight", EnumSet.of(MessageState.IN_FLIGHT),
            "deferred", EnumSet.of(MessageState.DEFERRED),
            "unfinished", EnumSet.allOf(MessageState.class));

    private final ApiContext context;
    private final Semaphore pages = new Semaphore(MAX_PAGES_AT_ONCE);

    public PeekApi(ApiContext context) {
        this.context = context;
    }

    public void addTo(HttpApi api) {
        var topic = OperatorApi.ROOT + "/topics/:topic";
        api.largeRoute(
                "GET", topic + "/messages", 0, request -> OperatorApi.answer(() -> paged(request, this::ofTopic)));
        api.largeRoute(
                "GET",
                topic + "/channels/:channel/messages",
                0,
                request -> OperatorApi.answer(() -> paged(request, this::ofChannel)));
    }

    /// One way of making a page.
    private interface Pages {
        HttpReply make(Topic topic, HttpRequest request, PeekQuery query) throws IOException, RefusedException;
    }

    private HttpReply paged(HttpRequest request, Pages kind) throws IOException, RefusedException {
        var query = PeekQuery.of(request);
        pages.acquireUninterruptibly();
        try {
            for (int attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
                try {
                    return make(request, query, kind);
                } catch (NoSuchFileException deleted) {
                    // The next look begins behind what was deleted, or finds that all is gone.
                }
            }
            return make(request, query, kind);
        } finally {
            pages.release();
        }
    }

    private HttpReply make(HttpRequest request, PeekQuery query, Pages kind) throws IOException, RefusedException {
        var topic = context.topics().find(request.path("topic"));
        return topic == null ? OperatorApi.topicNotFound(context, request) : kind.make(topic, request, query);
    }

    private HttpReply ofTopic(Topic topic, HttpRequest request, PeekQuery query) throws IOException, RefusedException {
        var stored = Topics.onLoop(topic, () -> Peek.stored(topic));
        var page = new PeekPage(query);
        try (var log = stored.log();
                var reader = log.reader()) {
            long from = query.from().offset(log, stored.startOffset(), stored.endOffset(), query.limit());
            reader.seek(from);
            long next = from;
            while (next < stored.endOffset() && reader.next() && reader.offset() < stored.endOffset()) {
                if (!page.add(MessageId.of(stored.shard(), 0, reader.offset()), reader)) {
                    return page.reply(next);
                }
                next = reader.offset() + 1;
            }
        }
        return page.lastReply();
    }

    private HttpReply ofChannel(Topic topic, HttpRequest request, PeekQuery query)
            throws IOException, RefusedException {
        var states = states(request);
        var stored = Topics.onLoop(topic, () -> Peek.stored(topic));
        try (var log = stored.log();
                var reader = log.reader()) {
            long from = query.from().offset(log, stored.startOffset(), stored.endOffset(), query.limit());
            var wanted = new Peek.Wanted(request.path("channel"), states, from, query.limit());
            return page(find(topic, wanted), stored, reader, new PeekPage(query));
        }
    }

    private static Set<MessageState> states(HttpRequest request) throws RefusedException {
        var given = request.query("state");
        var states = STATES.get(given == null ? "unfinished" : given);
        if (states == null) {
            throw new RefusedException(
                    400,
                    "INVALID_STATE",
                    "state: '" + given + "' (expected: waiting, inflight, deferred or unfinished)");
        }
        return states;
    }

    private static Peek.Found find(Topic topic, Peek.Wanted wanted) throws IOException, RefusedException {
        var found = Peek.begin(wanted);
        while (true) {
            switch (Topics.onLoop(topic, () -> Peek.step(topic, wanted, found))) {
                case UNDER_WAY -> {
                    // The loop serves others between two steps.
                }
                case DONE -> {
                    return found;
                }
                case NO_CHANNEL ->
                    throw new RefusedException(
                            404,
                            "CHANNEL_NOT_FOUND",
                            "channel " + wanted.channel() + " is not in topic " + topic.name());
            }
        }
    }

    private static HttpReply page(Peek.Found found, Peek.Stored stored, LogReader reader, PeekPage page)
            throws IOException {
        long position = -1;
        for (int i = 0; i < found.count(); i++) {
            long offset = found.offset(i);
            if (offset >= stored.endOffset()) {
                // Published between the two looks.
                return page.reply(offset);
            }
            if (offset != position) {
                reader.seek(offset);
            }
            if (!reader.next()) {
                throw new IOException("offset " + offset + " of a channel is missing in the log");
            }
            position = reader.offset() + 1;
            if (reader.offset() == offset && !page.add(found.id(i), reader, found.state(i), found.attempts(i))) {
                return page.reply(offset);
            }
        }
        return found.isAtEnd() ? page.lastReply() : page.reply(found.nextOffset());
    }
}
