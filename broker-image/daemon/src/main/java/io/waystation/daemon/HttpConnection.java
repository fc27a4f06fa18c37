package io.waystation.daemon;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One HTTP connection: gathers a request, has it answered, takes the next. Confined to the server's event loop; only
/// handlers run elsewhere.
///
///     READING --complete--> HANDLING --answer--> WRITING --written--> READING
///        +------------refused-------------------^   +----and the last--> CLOSING
///
/// One request at a time: until an answer is written nothing more is read, so a client that does not read its answers
/// costs one answer.
final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final String NSQ_CONTENT_TYPE = "nsq; version=1.0";
    /// nsqd logs neither what publishes nor what developers look at; old names of the first and /metrics are ours.
    private static final Set<String> QUIET = Set.of("/pub", "/mpub", "/put", "/mput", "/metrics");

    private static final String QUIET_BELOW = "/debug/pprof/";
    /// So a kubelet names itself, which asks every few seconds for as long as the pod lives.
    private static final String PROBE_AGENT = "kube-probe/";

    /// Of a body beyond its limit so much is read; then the answer comes without waiting for the rest, and is the last.
    private static final long MAX_FORGOTTEN_BYTES = 16 * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);

    private enum State {
        READING,
        HANDLING,
        WRITING,
        CLOSING
    }

    private final HttpApi api;
    private final HttpIntake intake;
    /// Every request is refused, because it comes without TLS.
    private final boolean refused;

    private State state = State.READING;
    /// What was decoded with the request that is being answered; the intake bounds it.
    private final ArrayDeque<HttpObject> waiting = new ArrayDeque<>(0);

    private boolean taking;

    private String method = "";
    private String uri = "";
    private String accept = "";
    private boolean keepAlive = true;
    /// The client understands a body in chunks.
    private boolean chunks = true;
    /// The request is a kubelet's.
    private boolean probe;
    private HttpTarget target = new HttpTarget.Refused(HttpReply.empty());
    private HttpBody body;
    /// The answer that is made or sent is one of the few large ones.
    private boolean hasSlot;

    private long startNs;

    HttpConnection(HttpApi api, HttpIntake intake, boolean refused) {
        this.api = api;
        this.intake = intake;
        this.refused = refused;
        this.body = new HttpBody(api.bodies(), 0);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        waiting.add((HttpObject) message);
        takeWaiting(context);
    }

    private void takeWaiting(ChannelHandlerContext context) {
        if (taking) {
            return;
        }
        taking = true;
        while ((state == State.READING || state == State.CLOSING) && !waiting.isEmpty()) {
            var message = waiting.remove();
            try {
                if (state == State.READING) {
                    take(context, message);
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }
        taking = false;
        if (state == State.READING) {
            intake.resume();
        }
    }

    private void take(ChannelHandlerContext context, HttpObject message) {
        if (message.decoderResult().isFailure()) {
            refuse(context, message.decoderResult().cause());
            return;
        }
        if (message instanceof io.netty.handler.codec.http.HttpRequest head) {
            begin(context, head);
        }
        if (message instanceof HttpContent content) {
            body.add(content.content());
        }
        if (message instanceof LastHttpContent) {
            dispatch(context);
        } else if (body.forgottenBytes() > MAX_FORGOTTEN_BYTES) {
            keepAlive = false;
            dispatch(context);
        }
    }

    private void refuse(ChannelHandlerContext context, Throwable cause) {
        boolean tooLong = cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException;
        var reply = tooLong
                ? HttpReply.plain(431, "431 Request Header Fields Too Large")
                : HttpReply.plain(400, "400 Bad Request");
        refuse(context, reply);
    }

    /// What is no request that could be dispatched; nothing more is read.
    private void refuse(ChannelHandlerContext context, HttpReply reply) {
        keepAlive = false;
        target = new HttpTarget.Refused(reply);
        answer(context, reply);
    }

    private void begin(ChannelHandlerContext context, io.netty.handler.codec.http.HttpRequest head) {
        startNs = System.nanoTime();
        method = head.method().name();
        uri = head.uri();
        accept = String.join(",", head.headers().getAll("Accept"));
        keepAlive = HttpUtil.isKeepAlive(head);
        chunks = head.protocolVersion().isKeepAliveDefault();
        probe = head.headers().get("User-Agent", "").startsWith(PROBE_AGENT);
        var known = HttpHead.of(head);
        if (known.refusal() != null) {
            refuse(context, known.refusal());
            return;
        }
        var found = HttpTarget.of(api.routes(), method, uri);
        target = refused && !found.isMalformed() ? tlsRequired() : found;
        int limitBytes = target instanceof HttpTarget.Found route
                ? route.route().maxBodyBytes().getAsInt()
                : 0;
        body = new HttpBody(api.bodies(), limitBytes);
        if (known.waits()) {
            answerExpectation(context, known.bodyBytes(), limitBytes);
        }
    }

    /// The client is told to send its body where somebody wants it. Else it gets its answer at once, which is the last,
    /// since nobody can tell whether the body comes nevertheless.
    private void answerExpectation(ChannelHandlerContext context, long bodyBytes, int limitBytes) {
        if (bodyBytes <= limitBytes && limitBytes > 0) {
            var _ = context.writeAndFlush(
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE),
                    context.voidPromise());
            return;
        }
        body.refuse();
        keepAlive = false;
        dispatch(context);
    }

    /// nsqd's text with its blanks; callers go on at the port that it names.
    private HttpTarget tlsRequired() {
        return new HttpTarget.Refused(
                HttpReply.json(403, "{\"message\": \"TLS_REQUIRED\", \"https_port\": " + api.tlsPort() + "}"));
    }

    private void dispatch(ChannelHandlerContext context) {
        // No switch: for one over types Java makes a class at run time, at the first request after each start.
        if (target instanceof HttpTarget.Found found) {
            dispatch(context, found);
        } else if (target instanceof HttpTarget.Refused refused) {
            answer(context, refused.reply());
        }
    }

    private void dispatch(ChannelHandlerContext context, HttpTarget.Found found) {
        if (body.verdict() == HttpBody.Verdict.NO_ROOM) {
            LOG.atWarn()
                    .addKeyValue("refusedCount", api.bodies().refusedCount())
                    .log("request refused: the bodies of all requests reached their bound");
            answer(context, HttpReply.error(503, "TOO_MANY_BODIES"));
            return;
        }
        if (found.route().deprecatedFor() != null) {
            LOG.atWarn()
                    .addKeyValue("path", found.path())
                    .addKeyValue("instead", found.route().deprecatedFor())
                    .log("deprecated path");
        }
        var request = new HttpRequest(
                method,
                found.path(),
                found.pathParameters(),
                found::query,
                accept,
                body.toArray(),
                body.verdict() == HttpBody.Verdict.TOO_LARGE);
        state = State.HANDLING;
        intake.pause();
        boolean large = found.route().large();
        hasSlot = large;
        Thread.startVirtualThread(() -> {
            if (large) {
                api.slots().take();
            }
            var reply = handle(found.route().handler(), request);
            try {
                var writer = reply.writer();
                if (writer == null) {
                    context.executor().execute(() -> answer(context, reply));
                } else {
                    new HttpStream(this, context, reply).run(writer);
                }
            } catch (RejectedExecutionException closing) {
                LOG.atDebug().addKeyValue("path", request.path()).log("answer dropped: the server has closed");
            }
        });
    }

    // ---- answers that are written while they are sent

    void beginStream(ChannelHandlerContext context, HttpReply reply) {
        state = State.WRITING;
        intake.pause();
        body.release();
        api.replies().count(reply.status());
        keepAlive &= chunks;
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()));
        setHeaders(head.headers(), reply);
        var _ = context.write(head, context.voidPromise());
    }

    void endStream(ChannelHandlerContext context, HttpReply reply, byte[] rest) {
        var written = context.writeAndFlush(new DefaultLastHttpContent(Unpooled.wrappedBuffer(rest)));
        log(context.channel().remoteAddress(), reply);
        goOn(context, written);
    }

    /// Ends an answer in its middle.
    void abort(ChannelHandlerContext context) {
        giveSlot();
        var _ = context.close();
    }

    private void giveSlot() {
        if (hasSlot) {
            hasSlot = false;
            api.slots().give();
        }
    }

    private void goOn(ChannelHandlerContext context, ChannelFuture written) {
        if (hasSlot) {
            written.addListener(done -> giveSlot());
        }
        if (keepAlive) {
            written.addListener((ChannelFuture done) -> next(context));
        } else {
            state = State.CLOSING;
            LingeringClose.after(written);
        }
    }

    // ---- whole answers

    private static HttpReply handle(HttpHandler handler, HttpRequest request) {
        try {
            return handler.handle(request);
        } catch (HttpRequest.UndecodableQueryException undecodable) {
            return HttpReply.error(400, "INVALID_REQUEST");
        } catch (IOException failure) {
            LOG.atError().addKeyValue("path", request.path()).setCause(failure).log("request failed");
        } catch (RuntimeException | Error bug) {
            LOG.atError().addKeyValue("path", request.path()).setCause(bug).log("request failed by a bug");
        }
        return HttpReply.error(500, "INTERNAL_ERROR");
    }

    void answer(ChannelHandlerContext context, HttpReply reply) {
        state = State.WRITING;
        intake.pause();
        body.release();
        api.replies().count(reply.status());
        var written = context.writeAndFlush(response(reply));
        log(context.channel().remoteAddress(), reply);
        goOn(context, written);
    }

    private DefaultFullHttpResponse response(HttpReply reply) {
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()), Unpooled.wrappedBuffer(reply.body()));
        setHeaders(response.headers(), reply);
        return response;
    }

    private void setHeaders(HttpHeaders headers, HttpReply reply) {
        if (!reply.contentType().isEmpty()) {
            headers.set("Content-Type", reply.contentType());
        }
        if (!isPing() && reply.isMarked()) {
            headers.set("X-Nsq-Content-Type", NSQ_CONTENT_TYPE);
        }
        for (Map.Entry<String, String> header : reply.headers().entrySet()) {
            headers.set(header.getKey(), header.getValue());
        }
        if (reply.writer() == null) {
            headers.set("Content-Length", reply.body().length);
        } else if (chunks) {
            headers.set("Transfer-Encoding", "chunked");
        }
        headers.set("Connection", keepAlive ? "keep-alive" : "close");
    }

    private boolean isPing() {
        return target instanceof HttpTarget.Found found && found.path().equals("/ping");
    }

    /// Those that nsqd logs, but for probes that succeed.
    private void log(SocketAddress client, HttpReply reply) {
        if (probe && reply.status() == HttpResponseStatus.OK.code()) {
            return;
        }
        boolean logged = target instanceof HttpTarget.Found found
                ? !isQuiet(found.path())
                : target instanceof HttpTarget.Refused refusal && refusal.logged();
        if (logged) {
            var address = client instanceof InetSocketAddress internet
                    ? internet.getAddress().getHostAddress() + ":" + internet.getPort()
                    : client;
            long tookUs = (System.nanoTime() - startNs) / 1000;
            LOG.info("{} {} {} ({}) {}µs", reply.status(), method, uri, address, tookUs);
        }
    }

    private static boolean isQuiet(String path) {
        return QUIET.contains(path) || path.startsWith(QUIET_BELOW);
    }

    private void next(ChannelHandlerContext context) {
        if (context.channel().isActive()) {
            state = State.READING;
            takeWaiting(context);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (state == State.READING) {
            body.release();
        }
        state = State.CLOSING;
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent && state != State.HANDLING) {
            var _ = context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // The TLS layer wraps what is wrong with a peer's bytes.
        if (!(cause instanceof IOException || cause.getCause() instanceof SSLException)) {
            LOG.atError().setCause(cause).log("connection closed by a bug");
        }
        var _ = context.close();
    }
}
