package io.waystation.daemon;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One HTTP connection: gathers a request, has it handled, writes the reply, takes the next. Confined to the server's
/// event loop. One request at a time: while one is handled nothing more is read, and what was read with it waits.
final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final String NSQ_CONTENT_TYPE = "nsq; version=1.0";
    private static final Set<String> QUIET = Set.of("/pub", "/mpub", "/put", "/mput", "/ping");
    /// Methods that a redirect leaves as they are.
    private static final int TEMPORARY_REDIRECT = 307;

    private static final int MOVED = 301;
    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);

    private final HttpApi api;
    private String method = "";
    private String uri = "";
    private boolean keepAlive = true;
    private @Nullable HttpRoute route;
    private Map<String, String> pathParameters = Map.of();
    private @Nullable HttpReply refusal;
    private String location = "";
    private String allow = "";
    private ByteArrayOutputStream body = new ByteArrayOutputStream(0);
    private int maxBodyBytes;
    private boolean bodyTooLarge;
    private boolean handling;
    private final ArrayDeque<HttpObject> waiting = new ArrayDeque<>(0);
    private long startNs;

    HttpConnection(HttpApi api) {
        this.api = api;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (handling) {
            waiting.add((HttpObject) message);
            return;
        }
        take(context, (HttpObject) message);
    }

    private void take(ChannelHandlerContext context, HttpObject message) {
        try {
            if (message.decoderResult().isFailure()) {
                keepAlive = false;
                write(context, HttpReply.text(400, "400 Bad Request"));
                return;
            }
            if (message instanceof io.netty.handler.codec.http.HttpRequest head) {
                begin(context, head);
            }
            if (message instanceof HttpContent content) {
                gather(content);
            }
            if (message instanceof LastHttpContent) {
                dispatch(context);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
    }

    private void begin(ChannelHandlerContext context, io.netty.handler.codec.http.HttpRequest head) {
        startNs = System.nanoTime();
        method = head.method().name();
        uri = head.uri();
        keepAlive = HttpUtil.isKeepAlive(head);
        body = new ByteArrayOutputStream(0);
        bodyTooLarge = false;
        location = "";
        allow = "";
        refusal = null;
        route = null;
        find(rawPath());
        var found = route;
        maxBodyBytes = found == null ? 0 : found.maxBodyBytes().getAsInt();
        if (HttpUtil.is100ContinueExpected(head)) {
            var _ = context.writeAndFlush(
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE),
                    context.voidPromise());
        }
    }

    private String rawPath() {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    private void find(String path) {
        var allowed = methodsOf(path);
        if (allowed.isEmpty()) {
            var right = path.toLowerCase(Locale.ROOT).replaceAll("/+", "/").replaceAll("(.)/$", "$1");
            if (!right.equals(path) && !methodsOf(right).isEmpty()) {
                location = right + uri.substring(path.length());
                refusal = new HttpReply(
                        method.equals(HttpMethod.GET.name()) ? MOVED : TEMPORARY_REDIRECT, "", new byte[0]);
            } else {
                refusal = HttpReply.error(404, "NOT_FOUND");
            }
            return;
        }
        if (route == null) {
            allowed.add(HttpMethod.OPTIONS.name());
            allow = String.join(", ", allowed);
            refusal = method.equals(HttpMethod.OPTIONS.name())
                    ? HttpReply.empty()
                    : HttpReply.error(405, "METHOD_NOT_ALLOWED");
        }
    }

    /// The methods that the path takes; finds the route of this request's on the way.
    private Set<String> methodsOf(String path) {
        var methods = new TreeSet<String>();
        var segments = HttpRoute.split(path);
        for (var candidate : api.routes()) {
            var parameters = candidate.match(segments);
            if (parameters == null) {
                continue;
            }
            methods.add(candidate.method());
            if (candidate.method().equals(method) && route == null) {
                route = candidate;
                pathParameters = parameters;
            }
        }
        return methods;
    }

    private void gather(HttpContent content) {
        var bytes = content.content();
        if (bodyTooLarge || bytes.readableBytes() > maxBodyBytes - body.size()) {
            // Read to the end and forgotten, so that the client reads the answer instead of a reset.
            bodyTooLarge = bodyTooLarge || bytes.isReadable();
            body.reset();
            return;
        }
        var chunk = new byte[bytes.readableBytes()];
        bytes.readBytes(chunk);
        body.writeBytes(chunk);
    }

    private void dispatch(ChannelHandlerContext context) {
        var refused = refusal;
        var found = route;
        if (refused != null || found == null) {
            write(context, refused == null ? HttpReply.error(404, "NOT_FOUND") : refused);
            return;
        }
        Map<String, List<String>> query;
        try {
            query = new QueryStringDecoder(uri).parameters();
        } catch (IllegalArgumentException undecodable) {
            write(context, HttpReply.error(400, "INVALID_REQUEST"));
            return;
        }
        if (found.deprecatedFor() != null) {
            LOG.atWarn()
                    .addKeyValue("path", rawPath())
                    .addKeyValue("instead", found.deprecatedFor())
                    .log("deprecated path");
        }
        var request = new HttpRequest(method, rawPath(), pathParameters, query, body.toByteArray(), bodyTooLarge);
        handling = true;
        context.channel().config().setAutoRead(false);
        Thread.startVirtualThread(() -> {
            var reply = handle(found, request);
            context.executor().execute(() -> {
                write(context, reply);
                resume(context);
            });
        });
    }

    private HttpReply handle(HttpRoute found, HttpRequest request) {
        try {
            return found.handler().handle(request);
        } catch (IOException failure) {
            LOG.atError().addKeyValue("path", request.path()).setCause(failure).log("request failed");
        } catch (RuntimeException bug) {
            LOG.atError().addKeyValue("path", request.path()).setCause(bug).log("request failed by a bug");
        }
        return HttpReply.error(500, "INTERNAL_ERROR");
    }

    private void write(ChannelHandlerContext context, HttpReply reply) {
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()), Unpooled.wrappedBuffer(reply.body()));
        var headers = response.headers();
        if (!reply.contentType().isEmpty()) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, reply.contentType());
        }
        if (!rawPath().equals("/ping") && location.isEmpty()) {
            headers.set("X-Nsq-Content-Type", NSQ_CONTENT_TYPE);
        }
        if (!location.isEmpty()) {
            headers.set(HttpHeaderNames.LOCATION, location);
        }
        if (!allow.isEmpty()) {
            headers.set(HttpHeaderNames.ALLOW, allow);
        }
        headers.set(HttpHeaderNames.CONTENT_LENGTH, reply.body().length);
        headers.set(HttpHeaderNames.CONNECTION, keepAlive ? "keep-alive" : "close");
        var written = context.writeAndFlush(response);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
        if (!QUIET.contains(rawPath())) {
            long tookUs = (System.nanoTime() - startNs) / 1000;
            LOG.info(
                    "{} {} {} ({}) {}µs",
                    reply.status(),
                    method,
                    uri,
                    context.channel().remoteAddress(),
                    tookUs);
        }
    }

    /// Goes on with what was read while a request was handled.
    private void resume(ChannelHandlerContext context) {
        handling = false;
        while (!handling && !waiting.isEmpty()) {
            take(context, waiting.remove());
        }
        context.channel().config().setAutoRead(!handling);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent && !handling) {
            var _ = context.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.atError().setCause(cause).log("connection closed by a bug");
        }
        var _ = context.close();
    }
}
