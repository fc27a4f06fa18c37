package io.waystation.broker.net;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.Topics;
import io.waystation.wire.Frames;
import io.waystation.wire.ProtocolError;
import io.waystation.wire.ProtocolException;
import io.waystation.wire.PublishAttributes;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one client publishes, and what it is answered. Confined to its connection's loop; what goes to a topic of
/// another loop is gathered and handed over as a whole, and answers are posted back.
final class Publisher {
    private static final byte[] OK = Frames.response("OK");
    /// Bytes for a topic of another loop that are handed over without waiting for the end of the read.
    private static final int MAX_REMOTE_BYTES = 1024 * 1024;
    /// Bytes handed over that the other loop has not taken; at this number the connection reads no further commands.
    /// Where memory is short none may be outstanding.
    private static final int MAX_UNTAKEN_BYTES = 4 * 1024 * 1024;

    private final Session session;
    private final Connection connection;
    private final Replies replies;
    private final TcpServer server;
    /// Null: nobody is asked what the client may do.
    private final @Nullable Access access;

    private @Nullable Topic topic;
    private @Nullable ProtocolException topicFailure;
    private final PublishCounts counts;
    private final Answers pubAnswers = new Answers(ProtocolError.E_PUB_FAILED);
    private final Answers deferredAnswers = new Answers(ProtocolError.E_DPUB_FAILED);
    private final Answers batchAnswers = new Answers(ProtocolError.E_MPUB_FAILED);
    private @Nullable RemotePublishes remote;
    /// Whom the publishes gathered in `remote` answer to.
    private Answers remoteAnswers = pubAnswers;
    private int untakenBytes;

    Publisher(Session session, Connection connection, Replies replies, TcpServer server, @Nullable Access access) {
        this.session = session;
        this.connection = connection;
        this.replies = replies;
        this.server = server;
        this.access = access;
        this.counts = new PublishCounts(server.publishCountRoom());
    }

    private Loop loop() {
        return connection.loop();
    }

    /// Messages by topic.
    Map<String, Long> counts() {
        return counts.copy();
    }

    boolean hasPublished() {
        return !counts.isEmpty();
    }

    boolean isFull() {
        return untakenBytes > 0
                && (untakenBytes >= MAX_UNTAKEN_BYTES || server.inputMemory().isTight());
    }

    // ---- the topic

    boolean isTopicReady(String name, ProtocolError failureCode) throws ProtocolException {
        if (access != null && !mayPublish(access, name, failureCode)) {
            return false;
        }
        var known = topic;
        if (known != null && known.name().equals(name) && server.topics().find(name) == known) {
            return true;
        }
        var failure = topicFailure;
        if (failure != null) {
            topicFailure = null;
            throw failure;
        }
        topic = server.topics().find(name);
        if (topic != null) {
            return true;
        }
        session.pause();
        var _ = server.topics()
                .obtain(name)
                .whenComplete((found, problem) -> loop().execute(() -> onTopic(found, problem, failureCode)));
        return false;
    }

    private void onTopic(@Nullable Topic found, @Nullable Throwable problem, ProtocolError failureCode) {
        if (session.isClosed()) {
            return;
        }
        topic = found;
        if (found == null) {
            server.topics().refusals().count(Topics.cause(problem));
            topicFailure =
                    new ProtocolException(failureCode, command(failureCode) + " failed " + Topics.cause(problem));
        }
        session.resume();
    }

    /// False: the grant is being renewed, and the command comes again.
    private boolean mayPublish(Access asked, String name, ProtocolError failureCode) throws ProtocolException {
        if (asked.isExpired(loop())) {
            session.pause();
            asked.renew(loop(), () -> session.unlessClosed(session::resume));
            return false;
        }
        asked.requirePublish(command(failureCode), name);
        return true;
    }

    /// The command whose failure a code stands for.
    private static String command(ProtocolError failure) {
        return failure.name().substring(2, failure.name().indexOf("_FAILED"));
    }

    long maxDeferMs(String name) {
        var found = server.topics().find(name);
        return found == null
                ? server.limits().commands().maxDeferMs()
                : found.settings().maxDeferMs();
    }

    private Topic topic() {
        var known = topic;
        if (known == null) {
            throw new IllegalStateException("no topic");
        }
        return known;
    }

    // ---- messages

    void publish(PublishAttributes attributes, ByteBuffer input, int position, int length) {
        publishOne(pubAnswers, attributes, input, position, length);
    }

    void publishDeferred(long delayMs, ByteBuffer input, int position, int length) {
        publishOne(deferredAnswers, PublishAttributes.deferred(delayMs), input, position, length);
    }

    private void publishOne(Answers answers, PublishAttributes attributes, ByteBuffer input, int position, int length) {
        var target = topic();
        counts.add(target.name(), 1);
        int ticket = replies.reserve();
        if (target.loop() == loop()) {
            target.publish(attributes, input, position, length, answers, ticket);
        } else {
            remote(answers, target, length).addOne(attributes, input, position, length, ticket);
        }
    }

    void publishBatch(ByteBuffer input, int position, int count) {
        var target = topic();
        counts.add(target.name(), count);
        int ticket = replies.reserve();
        if (target.loop() == loop()) {
            target.publishBatch(input, position, count, batchAnswers, ticket);
        } else {
            int length = batchLength(input, position, count);
            remote(batchAnswers, target, length).addBatch(input, position, length, count, ticket);
        }
    }

    private static int batchLength(ByteBuffer input, int position, int count) {
        int at = position;
        for (int i = 0; i < count; i++) {
            at += Integer.BYTES + input.getInt(at);
        }
        return at - position;
    }

    // ---- topics of other loops

    private RemotePublishes remote(Answers answers, Topic target, int bytes) {
        var gathered = remote;
        if (gathered != null
                && (remoteAnswers != answers
                        || gathered.topic() != target
                        || gathered.sizeBytes() + bytes > MAX_REMOTE_BYTES)) {
            handOver(gathered);
            gathered = null;
        }
        if (gathered == null) {
            gathered = new RemotePublishes(target, bytes);
            remote = gathered;
            remoteAnswers = answers;
        }
        return gathered;
    }

    /// The bytes at hand are used up: what was gathered leaves.
    void onInputEnd() {
        var gathered = remote;
        if (gathered != null) {
            handOver(gathered);
        }
    }

    private void handOver(RemotePublishes publishes) {
        remote = null;
        var waiter = new RemoteWaiter(this, remoteAnswers.error);
        int bytes = publishes.sizeBytes();
        untakenBytes += bytes;
        server.inputMemory().change(bytes);
        publishes.topic().loop().execute(() -> {
            try {
                publishes.publish(waiter);
            } finally {
                server.inputMemory().change(-bytes);
                connection.execute(() -> onTaken(bytes));
            }
        });
    }

    private void onTaken(int bytes) {
        boolean wasFull = isFull();
        untakenBytes -= bytes;
        if (wasFull || untakenBytes == 0) {
            connection.decode();
        }
    }

    // ---- answers

    private void onPublished(int ticket) {
        assert loop().isCurrent();
        if (session.isClosed() && replies.isDone()) {
            return;
        }
        boolean wasFull = replies.isFull();
        replies.complete(ticket, OK);
        session.onAnswered();
        connection.flushNow();
        if (wasFull && !replies.isFull()) {
            // Not here: the topic is in the middle of answering.
            loop().execute(connection::decode);
        }
    }

    private void fail(int ticket, ProtocolError error, String cause) {
        server.topics().refusals().count(cause);
        server.traffic(loop()).onError(error);
        replies.completeLast(ticket, Frames.error(new ProtocolException(error, command(error) + " failed " + cause)));
        connection.onLastAnswer(error.name());
    }

    /// What became of the publishes of one command; their failures bear its code. Confined to the connection's loop.
    private final class Answers implements PublishWaiter {
        private final ProtocolError error;

        Answers(ProtocolError error) {
            this.error = error;
        }

        @Override
        public void onPublished(int ticket) {
            Publisher.this.onPublished(ticket);
        }

        @Override
        public void onPublishFailed(int ticket, String cause) {
            fail(ticket, error, cause);
        }
    }

    /// Brings answers from a topic's loop back to the connection's.
    private record RemoteWaiter(Publisher publisher, ProtocolError error) implements PublishWaiter {
        @Override
        public void onPublished(int ticket) {
            publisher.loop().execute(() -> publisher.onPublished(ticket));
        }

        @Override
        public void onPublishFailed(int ticket, String cause) {
            publisher.loop().execute(() -> publisher.fail(ticket, error, cause));
        }
    }

    // ---- end

    void onClosed() {
        counts.close();
    }
}
