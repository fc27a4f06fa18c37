package io.waystation.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.waystation.broker.loop.Alarm;
import io.waystation.broker.loop.Loop;
import io.waystation.broker.loop.Phase;
import io.waystation.broker.loop.Work;
import io.waystation.broker.topic.PublishRefusals;
import io.waystation.wire.Frames;
import io.waystation.wire.ProtocolError;
import io.waystation.wire.ProtocolException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's socket: bytes in, frames out, heartbeats, the end. What the commands mean is the [Session]'s.
///
/// Confined to its loop. A consumer moves to its topic's loop ([#moveTo]); unread bytes travel along, and
/// nothing is read or run between leaving the one loop and arriving at the other.
///
/// ```
///   OPEN --fatal error, end of stream--> ENDING (no command runs, answers under way are waited for)
///   ENDING --last answer sent--> LINGERING (input dropped) --peer's end, 1 MiB or 1 s--> CLOSED
///   OPEN --deadline, channel deleted--> CLOSED
/// ```
final class Connection extends ChannelInboundHandlerAdapter {
    /// A peer that did not say which protocol it speaks within this time is closed.
    private static final long MAGIC_TIMEOUT_MS = 10_000;
    /// After a fatal error the peer may still be writing; closing at once would reset the error frame away.
    private static final long LINGER_MS = 1000;

    private static final int LINGER_BYTES = 1024 * 1024;
    private static final byte[] NO_FRAME = {};
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);
    /// How NSQ shows the address of a client on a unix socket, which has none.
    private static final String UNNAMED_SOCKET = "@";

    private static final byte[] HEARTBEAT = Frames.response("_heartbeat_");
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private enum State {
        OPEN,
        ENDING,
        LINGERING,
        CLOSED
    }

    private final TcpServer server;
    private final Channel channel;
    private final Output output;
    private final Replies replies;
    private final Session session;
    private final String remoteAddress;
    private final long connectSeconds;

    /// Read by any thread; changed by the loop that the connection leaves.
    private volatile Loop loop;
    private Work flush;
    private Alarm heartbeat;
    /// Rings when messages were held back for as long as the client asks.
    private Alarm outputDue;
    private final Alarm opening;
    private State state = State.OPEN;
    private final UnreadInput unread;
    private @Nullable Upgrade upgrade;
    private boolean peerEnded;
    private String endReason = "";
    private int lingeredBytes;
    private long lastCommandMs;
    private long unwritableSinceMs = -1;
    private boolean flushNow;

    Connection(TcpServer server, Channel channel, Loop loop) {
        this.server = server;
        this.channel = channel;
        this.loop = loop;
        this.flush = loop.work(Phase.FLUSH, this::flush);
        this.heartbeat = new Alarm(loop, this::onHeartbeat);
        this.outputDue = new Alarm(loop, this::flushNow);
        this.opening = new Alarm(loop, this::onOpeningLate);
        this.unread = new UnreadInput(this, server.inputMemory(), channel.alloc());
        this.output = new Output(channel, server.outputMemory(), () -> execute(this::onTaken));
        this.replies = new Replies(output);
        var host = "";
        if (channel.remoteAddress() instanceof InetSocketAddress remote) {
            host = remote.getAddress().getHostAddress();
            this.remoteAddress = (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + remote.getPort();
        } else {
            this.remoteAddress = UNNAMED_SOCKET;
        }
        this.connectSeconds = loop.wallMs() / 1000;
        this.session = new Session(this, replies, output, server, host);
        this.lastCommandMs = loop.nowMs();
    }

    /// The loop that it is on now; safe from any thread.
    Loop loop() {
        return loop;
    }

    String remoteAddress() {
        return remoteAddress;
    }

    long connectSeconds() {
        return connectSeconds;
    }

    Session session() {
        return session;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean isWritable() {
        return state == State.OPEN && output.hasRoom();
    }

    /// Runs a task on the loop that it is on by then; safe from any thread.
    void execute(Runnable task) {
        var here = loop;
        here.execute(() -> {
            if (loop == here) {
                task.run();
            } else {
                execute(task);
            }
        });
    }

    // ---- life

    @Override
    public void channelActive(ChannelHandlerContext context) {
        loop.begin();
        if (!server.add(this)) {
            server.traffic(loop).onRefused();
            close("too many connections (expected: at most max-connections)");
            return;
        }
        server.traffic(loop).onOpened();
        armHeartbeat();
        opening.set(loop.nowMs() + MAGIC_TIMEOUT_MS);
    }

    private void onOpeningLate() {
        if (isOpen() && !session.decoder().isOpened()) {
            close("no magic within " + MAGIC_TIMEOUT_MS + " ms");
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        loop.begin();
        close("connection closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        exceptionCaught(cause);
    }

    private void exceptionCaught(Throwable cause) {
        // The TLS layer wraps what is wrong with a peer's bytes.
        if (cause instanceof IOException || cause.getCause() instanceof IOException) {
            close(String.valueOf(cause.getMessage()));
            return;
        }
        LOG.atError().addKeyValue("client", remoteAddress).setCause(cause).log("connection closed by a bug");
        close("bug");
    }

    /// Ends the connection without a further frame.
    void close(String reason) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        LOG.atInfo()
                .addKeyValue("client", remoteAddress)
                .addKeyValue("reason", reason)
                .log("client closed");
        endTimers();
        session.onClosed();
        if (upgrade != null) {
            upgrade.onClosed();
        }
        output.close();
        unread.end();
        server.remove(this);
        var _ = channel.close();
    }

    // ---- input

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        loop.begin();
        var input = (ByteBuf) message;
        server.traffic(loop).onReceived(input.readableBytes());
        if (state != State.OPEN) {
            drop(input);
            return;
        }
        unread.add(input);
        decode();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        loop.begin();
        if (event instanceof CompressionHandler.Broken broken && state == State.OPEN) {
            // What came before is answered as always.
            end(NO_FRAME, broken.cause());
        }
        if (!(event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent)) {
            return;
        }
        peerEnded = true;
        if (state == State.LINGERING && ((DuplexChannel) channel).isOutputShutdown()) {
            close(endReason);
        }
        decode();
    }

    /// Runs the commands that are complete; also called when what they waited for has happened.
    void decode() {
        if (state != State.OPEN) {
            return;
        }
        try {
            runCommands();
        } catch (RuntimeException bug) {
            // Nobody else may be there to see that this connection is at its end.
            exceptionCaught(bug);
        }
    }

    private void runCommands() {
        var input = unread.bytes();
        if (input != null) {
            decode(input);
        }
        if (state != State.OPEN) {
            return;
        }
        unread.count();
        boolean paused = session.isPaused();
        if (peerEnded && !paused) {
            onPeerEnd();
            return;
        }
        readWhile(!paused && unread.isAdmitted());
    }

    /// Goes on with commands that waited for the peer to take what it was sent. Not at once, since bytes also leave in
    /// the middle of a command.
    private void decodeSoon() {
        execute(this::decode);
    }

    private void decode(ByteBuf input) {
        var bytes = input.internalNioBuffer(input.readerIndex(), input.readableBytes());
        int start = bytes.position();
        try {
            session.decoder().limits(server.limits().commands());
            session.decoder().decode(bytes);
        } catch (ProtocolException problem) {
            fail(problem);
        }
        if (state == State.CLOSED) {
            return;
        }
        int used = bytes.position() - start;
        if (used > 0) {
            lastCommandMs = loop.nowMs();
        }
        session.onInputEnd();
        if (state == State.OPEN) {
            unread.used(used);
        } else {
            unread.release();
        }
    }

    /// The layer between the socket and this connection holds so many bytes of what came, and hands nothing on before
    /// more come.
    void onHeldBelow(int bytes) {
        unread.below(bytes);
        onHeld();
    }

    /// So many bytes of a TLS record that is not whole are held.
    void onHeldInRecord(int bytes) {
        unread.inRecord(bytes);
        onHeld();
    }

    private void onHeld() {
        if (state == State.OPEN) {
            readWhile(!session.isPaused() && unread.isAdmitted());
        }
    }

    /// It waited to be read, and need not any more.
    void onRoom() {
        // The wait was not the client's.
        lastCommandMs = loop.nowMs();
        decode();
    }

    // ---- the end of input

    /// Commands that came whole are answered as always; one that is cut short is told so.
    private void onPeerEnd() {
        var rest = unread.bytes();
        try {
            session.decoder().endOfInput(rest == null ? NO_BYTES : rest.nioBuffer());
            end(NO_FRAME, "connection closed");
        } catch (ProtocolException cutShort) {
            fail(cutShort);
        }
    }

    void readWhile(boolean wanted) {
        if (channel.config().isAutoRead() != wanted) {
            channel.config().setAutoRead(wanted);
        }
    }

    /// Answers an error; a fatal one is the last frame of the connection.
    void fail(ProtocolException problem) {
        LOG.atDebug()
                .addKeyValue("client", remoteAddress)
                .addKeyValue("error", problem.error())
                .addKeyValue("text", problem.getMessage())
                .log("protocol error");
        server.traffic(loop).onError(problem.error());
        if (problem.error() == ProtocolError.E_BAD_MESSAGE) {
            server.topics().refusals().count(PublishRefusals.Reason.INVALID);
        }
        if (problem.isSilent()) {
            end(NO_FRAME, String.valueOf(problem.getMessage()));
        } else if (problem.error().isFatal()) {
            end(Frames.error(problem), problem.error().name());
        } else {
            replies.add(Frames.error(problem));
            flushNow();
        }
    }

    private void end(byte[] lastFrame, String reason) {
        replies.addLast(lastFrame);
        onLastAnswer(reason);
    }

    /// The last answer is known: nothing more is read; once it has left the connection lingers.
    void onLastAnswer(String reason) {
        if (state == State.OPEN) {
            state = State.ENDING;
            endReason = reason;
            endTimers();
            session.onClosed();
        }
        flushNow();
    }

    private void drop(ByteBuf input) {
        lingeredBytes += input.readableBytes();
        input.release();
        if (lingeredBytes > LINGER_BYTES) {
            close("sent more than " + LINGER_BYTES + " bytes after an error");
        }
    }

    // ---- output

    /// Sends what is gathered at the end of the pass, whatever the output buffering says.
    void flushNow() {
        flushNow = true;
        flush.request();
    }

    /// Sends what is gathered when the output buffering says so.
    void flushSoon() {
        flush.request();
    }

    private void flush() {
        if (state == State.CLOSED) {
            return;
        }
        var identity = session.identity();
        boolean held = state == State.OPEN
                && !flushNow
                && identity.outputBufferTimeoutMs() > 0
                && output.pendingBytes() < identity.outputBufferSize();
        if (held) {
            holdOutput(identity.outputBufferTimeoutMs());
            return;
        }
        flushNow = false;
        outputDue.stop();
        send();
        if (state == State.ENDING && replies.isDone()) {
            linger();
        }
    }

    private void send() {
        output.flush();
        server.traffic(loop).onSent(output.takeSentBytes());
    }

    private void holdOutput(long delayMs) {
        if (!outputDue.isSet() && output.pendingBytes() > 0) {
            outputDue.set(loop.nowMs() + delayMs);
        }
    }

    private void linger() {
        unread.release();
        state = State.LINGERING;
        // Empty, so it is done when everything before it has left.
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> endOutput());
        readWhile(true);
        loop.schedule(() -> close(endReason), LINGER_MS);
    }

    private void endOutput() {
        var tls = channel.pipeline().get(SslHandler.class);
        if (peerEnded) {
            close(endReason);
        } else if (tls == null) {
            var _ = ((DuplexChannel) channel).shutdownOutput();
        } else {
            // Without TLS's own end the peer could not tell it from an attacker's.
            tls.closeOutbound().addListener(ended -> {
                var _ = ((DuplexChannel) channel).shutdownOutput();
            });
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        loop.begin();
        if (channel.isWritable()) {
            unwritableSinceMs = -1;
            session.onWritable();
            decodeSoon();
        } else {
            unwritableSinceMs = loop.nowMs();
        }
    }

    /// The peer has taken all that waited for it; where memory is short that alone says so.
    private void onTaken() {
        output.onTaken();
        if (state == State.OPEN) {
            session.onWritable();
            decode();
        }
    }

    // ---- upgrades

    /// Puts layers between the socket and this connection. The session is paused and all its answers are given.
    void upgrade(Layers layers, Upgrade.Listener listener) {
        assert session.isPaused() && replies.isEmpty();
        output.flush();
        var begun = new Upgrade(this, server.handshakes(), channel, layers, listener);
        upgrade = begun;
        begun.begin(server.features().tls());
    }

    /// The bytes that no command has used yet; from now on they are the caller's.
    @Nullable ByteBuf takeUnread() {
        return unread.take();
    }

    /// Sends one frame at once.
    void sendNow(byte[] frame) {
        output.response(frame);
        output.flush();
    }

    // ---- heartbeats

    /// No heartbeat until [#armHeartbeat]: clients take the next frame for the answer that they wait for.
    void holdHeartbeat() {
        heartbeat.stop();
    }

    /// None of them does anything on this loop any more, or holds the connection.
    private void endTimers() {
        heartbeat.end();
        outputDue.end();
        opening.end();
    }

    /// Begins the heartbeat anew, after IDENTIFY or a move.
    void armHeartbeat() {
        holdHeartbeat();
        long intervalMs = session.identity().heartbeatMs();
        if (intervalMs > 0) {
            heartbeat.set(loop.nowMs() + intervalMs);
        }
        flush.request();
    }

    private void onHeartbeat() {
        long intervalMs = session.identity().heartbeatMs();
        long nowMs = loop.nowMs();
        if (nowMs - lastCommandMs >= 2 * intervalMs && !session.isPaused() && !unread.waits()) {
            close("no command for two heartbeat intervals");
            return;
        }
        if (unwritableSinceMs >= 0 && nowMs - unwritableSinceMs >= intervalMs) {
            close("took no bytes for a heartbeat interval");
            return;
        }
        if (session.decoder().isOpened()) {
            output.response(HEARTBEAT);
            flushNow();
        }
        heartbeat.set(nowMs + intervalMs);
    }

    // ---- moving

    /// Goes to another loop and runs `arrived` there. No command runs and no answer is outstanding meanwhile: the
    /// session is paused and its replies are empty.
    void moveTo(Loop target, Runnable arrived) {
        assert session.isPaused() && replies.isEmpty();
        endTimers();
        send();
        channel.config().setAutoRead(false);
        var left = loop;
        channel.deregister().addListener(deregistered -> {
            if (!deregistered.isSuccess() || state != State.OPEN) {
                left.execute(() -> close("left before it moved"));
                return;
            }
            loop = target;
            server.loops()
                    .eventLoop(target)
                    .register(channel)
                    .addListener(registered -> target.execute(() -> {
                        if (!registered.isSuccess()) {
                            close("could not move");
                            return;
                        }
                        flush = target.work(Phase.FLUSH, this::flush);
                        heartbeat = new Alarm(target, this::onHeartbeat);
                        outputDue = new Alarm(target, this::flushNow);
                        flushNow = false;
                        armHeartbeat();
                        arrived.run();
                    }));
        });
    }
}
