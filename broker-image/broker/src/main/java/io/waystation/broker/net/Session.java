package io.waystation.broker.net;

import io.waystation.broker.auth.AuthQuestion;
import io.waystation.broker.loop.Loop;
import io.waystation.broker.topic.Channel;
import io.waystation.broker.topic.ClientStats;
import io.waystation.broker.topic.Consumer;
import io.waystation.broker.topic.ConsumerOutput;
import io.waystation.broker.topic.ConsumerTerms;
import io.waystation.broker.topic.NearbyStats;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.Topics;
import io.waystation.wire.CommandDecoder;
import io.waystation.wire.CommandSink;
import io.waystation.wire.Frames;
import io.waystation.wire.MessageId;
import io.waystation.wire.ProtocolError;
import io.waystation.wire.ProtocolException;
import io.waystation.wire.PublishAttributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What one client's commands do. Confined to its connection's loop; answers for topics of other loops are posted back
/// to it.
final class Session implements CommandSink, ConsumerOutput, Upgrade.Listener {
    private static final byte[] OK = Frames.response("OK");
    private static final byte[] CLOSE_WAIT = Frames.response("CLOSE_WAIT");

    private final Connection connection;
    private final Replies replies;
    private final Output output;
    private final TcpServer server;
    private final CommandDecoder decoder;
    private final Identity identity;

    private final Publisher publisher;
    private @Nullable Consumer consumer;
    /// Something that the next command has to wait for is under way.
    private boolean paused;
    private boolean closed;
    /// What waits until all earlier commands have their answers.
    private @Nullable Runnable afterAnswers;
    /// The consumer's window is full, with messages that are not sent yet.
    private boolean hasHeldBack;

    private @Nullable TlsSession tls;
    /// What stands between socket and connection, or is being put there; once.
    private Layers layers = Layers.NONE;
    /// Null: nobody is asked what the client may do.
    private final @Nullable Access access;
    private final String remoteHost;

    Session(Connection connection, Replies replies, Output output, TcpServer server, String remoteHost) {
        this.connection = connection;
        this.replies = replies;
        this.output = output;
        this.server = server;
        this.decoder = new CommandDecoder(this, server.limits().commands());
        this.identity = new Identity(server.limits(), server.features(), server.deflateRoom(), remoteHost);
        this.remoteHost = remoteHost;
        var questions = server.questions();
        this.access = questions == null ? null : new Access(questions);
        this.publisher = new Publisher(this, connection, replies, server, access);
        decoder.tlsMissing(server.features().tlsRequired().forTcp());
    }

    CommandDecoder decoder() {
        return decoder;
    }

    Identity identity() {
        return identity;
    }

    @Override
    public boolean isPaused() {
        return paused || replies.isFull() || output.isFull() || publisher.isFull() || closed;
    }

    boolean isClosed() {
        return closed;
    }

    private Loop loop() {
        return connection.loop();
    }

    private void reply(byte[] frame) {
        replies.add(frame);
        connection.flushNow();
    }

    /// Something began that the next command has to wait for.
    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        connection.decode();
    }

    // ---- commands

    @Override
    public void onIdentify(byte[] body) throws ProtocolException {
        identity.apply(body, !layers.equals(Layers.NONE));
        decoder.heartbeatsOff(identity.heartbeatMs() == 0);
        reply(identity.featureNegotiation() ? Frames.response(identity.answer(server.version())) : OK);
        var wanted = identity.layers();
        if (wanted.equals(Layers.NONE)) {
            connection.armHeartbeat();
            return;
        }
        layers = wanted;
        paused = true;
        connection.holdHeartbeat();
        // Not here: the decoder has not given up the bytes behind this command yet.
        loop().execute(() -> whenAnswered(() -> connection.upgrade(wanted, this)));
    }

    @Override
    public void onTls(TlsSession session) {
        tls = session;
        decoder.tlsMissing(false);
    }

    @Override
    public void onUpgraded() {
        connection.armHeartbeat();
        resume();
    }

    /// Runs `next` when all earlier commands have their answers; the session is paused meanwhile.
    private void whenAnswered(Runnable next) {
        if (closed) {
            return;
        }
        if (replies.isEmpty()) {
            next.run();
        } else {
            afterAnswers = next;
        }
    }

    /// A publish has its answer.
    void onAnswered() {
        var next = afterAnswers;
        if (next != null && replies.isEmpty()) {
            afterAnswers = null;
            // Not here: the topic is in the middle of answering.
            loop().execute(() -> whenAnswered(next));
        }
    }

    @Override
    public void onAuth(byte[] secret) throws ProtocolException {
        var asked = access;
        if (asked == null) {
            throw new ProtocolException(ProtocolError.E_AUTH_DISABLED, "AUTH disabled");
        }
        if (asked.isGranted()) {
            throw new ProtocolException(ProtocolError.E_INVALID, "AUTH already set");
        }
        paused = true;
        connection.holdHeartbeat();
        var session = tls;
        var question =
                new AuthQuestion(remoteHost, session != null, session == null ? "" : session.commonName(), secret);
        asked.ask(
                question,
                loop(),
                () -> unlessClosed(() -> {
                    var granted = asked.requireGrant();
                    reply(Frames.response(AuthAnswer.of(granted)));
                    connection.armHeartbeat();
                    resume();
                }));
    }

    /// Goes on with a command that waited; what is wrong with it is answered as if it had not.
    void unlessClosed(Command command) {
        if (closed) {
            return;
        }
        try {
            command.run();
        } catch (ProtocolException problem) {
            connection.fail(problem);
        }
    }

    interface Command {
        void run() throws ProtocolException;
    }

    @Override
    public void onSubscribe(String topicName, String channelName) throws ProtocolException {
        var asked = access;
        if (asked != null && asked.isExpired(loop())) {
            paused = true;
            asked.renew(loop(), () -> unlessClosed(() -> onSubscribe(topicName, channelName)));
            return;
        }
        if (asked != null) {
            asked.requireSubscribe(topicName, channelName);
        }
        paused = true;
        // Answers of earlier publishes come first, and the connection moves without any under way.
        whenAnswered(() -> findTopic(topicName, channelName));
    }

    private void findTopic(String topicName, String channelName) {
        var _ = server.topics()
                .obtain(topicName)
                .whenComplete((found, failure) -> loop().execute(() -> {
                    if (closed) {
                        return;
                    }
                    if (found == null) {
                        connection.fail(new ProtocolException(
                                ProtocolError.E_SUB_FAILED, "SUB failed " + Topics.cause(failure)));
                    } else if (found.loop() == loop()) {
                        subscribe(found, channelName);
                    } else {
                        connection.moveTo(found.loop(), () -> subscribe(found, channelName));
                    }
                }));
    }

    private void subscribe(Topic found, String channelName) {
        if (closed) {
            return;
        }
        if (found.isClosed()) {
            // It was removed on the way here; as in NSQ the client gets it anew.
            findTopic(found.name(), channelName);
            return;
        }
        Channel channel;
        try {
            channel = found.obtainChannel(channelName);
        } catch (IOException failure) {
            connection.fail(new ProtocolException(ProtocolError.E_SUB_FAILED, "SUB failed " + failure.getMessage()));
            return;
        }
        int limit = server.limits().maxChannelConsumers();
        var joined = channel.join(this, terms(), limit);
        if (joined == null) {
            connection.fail(new ProtocolException(
                    ProtocolError.E_SUB_FAILED,
                    "SUB failed consumers for " + found.name() + ":" + channelName + " exceeds limit of "
                            + Channel.consumerLimit(limit)));
            return;
        }
        consumer = joined;
        decoder.subscribed();
        reply(OK);
        resume();
    }

    private ConsumerTerms terms() {
        var proximity = server.features().topology().proximityOf(identity.topologyRegion(), identity.topologyZone());
        return new ConsumerTerms(
                identity.askedMessageTimeoutMs(), server.limits().messageTimeoutMs(), identity.sampleRate(), proximity);
    }

    private Consumer consumer() {
        var joined = consumer;
        if (joined == null) {
            throw new IllegalStateException("not subscribed");
        }
        return joined;
    }

    @Override
    public void onReady(int count) {
        consumer().ready(count);
    }

    @Override
    public void onFinish(long id, ByteBuffer input, int idPosition) throws ProtocolException {
        var problem = consumer().finish(id);
        if (problem != null) {
            failSoft(ProtocolError.E_FIN_FAILED, "FIN ", input, idPosition, problem);
        }
    }

    @Override
    public void onRequeue(long id, ByteBuffer input, int idPosition, long delayMs) {
        var problem = consumer().requeue(id, Math.min(delayMs, server.limits().maxRequeueMs()));
        if (problem != null) {
            failSoft(ProtocolError.E_REQ_FAILED, "REQ ", input, idPosition, problem);
        }
    }

    @Override
    public void onTouch(long id, ByteBuffer input, int idPosition) {
        var problem = consumer().touch(id, server.limits().maxMessageTimeoutMs());
        if (problem != null) {
            failSoft(ProtocolError.E_TOUCH_FAILED, "TOUCH ", input, idPosition, problem);
        }
    }

    private void failSoft(ProtocolError error, String command, ByteBuffer input, int idPosition, String problem) {
        connection.fail(
                ProtocolException.quoting(error, command + MessageId.text(input, idPosition) + " failed " + problem));
    }

    @Override
    public void onCloseWait() {
        consumer().closeWait();
        reply(CLOSE_WAIT);
    }

    @Override
    public void onNop() {
        // a sign of life, which every command is
    }

    // ---- publishing

    @Override
    public boolean isTopicReady(String name, ProtocolError failureCode) throws ProtocolException {
        return publisher.isTopicReady(name, failureCode);
    }

    @Override
    public long maxDeferMs(String name) {
        return publisher.maxDeferMs(name);
    }

    @Override
    public void onPublish(String name, ByteBuffer input, int position, int length) {
        publisher.publish(PublishAttributes.NONE, input, position, length);
    }

    @Override
    public void onDeferredPublish(String name, long delayMs, ByteBuffer input, int position, int length) {
        publisher.publishDeferred(delayMs, input, position, length);
    }

    @Override
    public void onExtendedPublish(
            String name, PublishAttributes attributes, ByteBuffer input, int position, int length) {
        publisher.publish(attributes, input, position, length);
    }

    @Override
    public void onMultiPublish(String name, ByteBuffer input, int position, int count) {
        publisher.publishBatch(input, position, count);
    }

    /// The bytes at hand are used up: what was gathered for other loops leaves, and what was held back for a peer that
    /// has finished much since.
    void onInputEnd() {
        if (hasHeldBack && !isPeerBusy()) {
            hasHeldBack = false;
            connection.flushNow();
        }
        publisher.onInputEnd();
    }

    // ---- delivery

    @Override
    public boolean isWritable() {
        return connection.isWritable();
    }

    @Override
    public void push(ByteBuffer source, int position, int length, long timestampNs, int attempts, long id) {
        output.message(source, position, length, timestampNs, attempts, id);
        connection.flushSoon();
    }

    @Override
    public void onStarved() {
        if (isPeerBusy()) {
            hasHeldBack = true;
        } else {
            connection.flushNow();
        }
    }

    /// Whether the peer has most of its window still to work on, so that what follows may gather for a larger write. A
    /// consumer that is kept at its full window would else get a few messages for every few that it finishes.
    private boolean isPeerBusy() {
        var joined = consumer();
        return 2L * (joined.inFlightCount() - output.pendingMessages()) > joined.readyCount();
    }

    @Override
    public void onChannelClosed() {
        connection.close("channel deleted");
    }

    void onWritable() {
        var joined = consumer;
        if (joined != null) {
            joined.onWritable();
        }
    }

    // ---- end

    /// No command runs any more. Messages in flight go back to their channel.
    void onClosed() {
        if (closed) {
            return;
        }
        closed = true;
        publisher.onClosed();
        if (access != null) {
            access.onClosed();
        }
        if (layers.deflate()) {
            server.deflateRoom().give(1);
        }
        var joined = consumer;
        if (joined != null) {
            joined.leave();
        }
    }

    @Override
    public ClientStats stats(Consumer joined) {
        return stats();
    }

    boolean hasPublished() {
        return publisher.hasPublished();
    }

    ClientStats stats() {
        var joined = consumer;
        return new ClientStats(
                identity.clientId(),
                identity.hostname(),
                identity.userAgent(),
                connection.remoteAddress(),
                decoder.session().code(),
                joined == null ? 0 : joined.readyCount(),
                joined == null ? 0 : joined.inFlightCount(),
                joined == null ? 0 : joined.messageCount(),
                joined == null ? NearbyStats.NONE : joined.nearby(),
                joined == null ? 0 : joined.finishCount(),
                joined == null ? 0 : joined.requeueCount(),
                connection.connectSeconds(),
                identity.sampleRate(),
                identity.topologyRegion(),
                identity.topologyZone(),
                publisher.counts(),
                layers.snappy(),
                layers.deflate(),
                access == null ? null : access.stats(),
                tls == null ? null : tls.stats());
    }
}
