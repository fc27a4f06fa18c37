package io.waystation.daemon;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// An HTTP server under NSQ's rules: a fixed set of routes, parameters from the query alone, errors as
/// `{"message":"CODE"}`, every answer marked with NSQ's content type. Routes are added before the start, by one thread;
/// then immutable.
///
/// One event loop a listener moves the bytes; each request is handled on a virtual thread.
public final class HttpApi implements AutoCloseable {
    private static final int MAX_LINE_BYTES = 16 * 1024;
    private static final int MAX_HEADER_BYTES = 32 * 1024;
    static final int MAX_LARGE_ANSWERS = 16;

    private final HttpLimits limits;
    private final HttpBodies bodies;
    private final List<HttpRoute> routes = new ArrayList<>();
    private final HttpReplyCounts replies = new HttpReplyCounts();
    private final HttpSlots slots = new HttpSlots(MAX_LARGE_ANSWERS);
    private @Nullable TcpListener plain;
    private @Nullable TcpListener encrypted;
    private boolean tlsRequired;

    public HttpApi() {
        this(HttpLimits.defaults());
    }

    HttpApi(HttpLimits limits) {
        this.limits = limits;
        this.bodies = new HttpBodies(limits.bodyBytes());
    }

    public HttpApi route(String method, String path, int maxBodyBytes, HttpHandler handler) {
        return route(method, path, () -> maxBodyBytes, handler);
    }

    /// Adds a route; a `:name` in the path matches one segment. The body's limit is asked for with each request.
    public HttpApi route(String method, String path, IntSupplier maxBodyBytes, HttpHandler handler) {
        routes.add(new HttpRoute(method, HttpRoute.split(path), maxBodyBytes, handler, false, null));
        return this;
    }

    /// Adds a route whose answers may be large: of all such routes together [#MAX_LARGE_ANSWERS] are made or sent at
    /// once, and other requests wait for one of these to end.
    public HttpApi largeRoute(String method, String path, int maxBodyBytes, HttpHandler handler) {
        routes.add(new HttpRoute(method, HttpRoute.split(path), () -> maxBodyBytes, handler, true, null));
        return this;
    }

    /// Adds an old name for a path that has a route already, whatever that one's method.
    public HttpApi alias(String method, String oldPath, String path) {
        var present = HttpRoute.split(path);
        for (var route : List.copyOf(routes)) {
            if (route.segments().equals(present)) {
                routes.add(new HttpRoute(
                        method, HttpRoute.split(oldPath), route.maxBodyBytes(), route.handler(), route.large(), path));
                return this;
            }
        }
        throw new IllegalArgumentException("no route for " + path);
    }

    List<HttpRoute> routes() {
        return routes;
    }

    HttpBodies bodies() {
        return bodies;
    }

    HttpSlots slots() {
        return slots;
    }

    /// How requests were answered so far.
    public HttpReplyCounts replies() {
        return replies;
    }

    /// Requests that come without TLS are answered 403 and where to find TLS.
    public HttpApi requireTls() {
        tlsRequired = true;
        return this;
    }

    public void start(SocketAddress address) throws IOException {
        var listener = new TcpListener("http-address", limits.connections(), channel -> accept(channel, null));
        listener.start(address);
        plain = listener;
    }

    /// Listens for requests over TLS, besides those without.
    public void startTls(SocketAddress address, ServerTls tls) throws IOException {
        var listener = new TcpListener("https-address", limits.connections(), channel -> accept(channel, tls));
        listener.start(address);
        encrypted = listener;
    }

    private void accept(Channel channel, @Nullable ServerTls tls) {
        if (tls != null) {
            channel.pipeline().addLast(tls.layer(channel.alloc()));
        }
        var config = new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_LINE_BYTES)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                // Those that say the same.
                .setAllowDuplicateContentLengths(true);
        var intake = new HttpIntake(limits.request());
        channel.pipeline()
                .addLast(new IdleStateHandler(0, 0, limits.idle().toMillis(), TimeUnit.MILLISECONDS))
                .addLast(intake)
                .addLast(new HttpServerCodec(config))
                .addLast(new HttpConnection(this, intake, tls == null && tlsRequired));
    }

    /// The port for requests without TLS: 0 when there is none, -1 at a path.
    public int port() {
        return plain == null ? 0 : plain.port();
    }

    /// The port for requests over TLS: 0 when there is none.
    public int tlsPort() {
        return encrypted == null ? 0 : encrypted.port();
    }

    @Override
    public void close() {
        if (plain != null) {
            plain.close();
        }
        if (encrypted != null) {
            encrypted.close();
        }
    }
}
