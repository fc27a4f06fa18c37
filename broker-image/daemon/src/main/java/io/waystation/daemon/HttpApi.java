package io.waystation.daemon;

import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/// An HTTP server under NSQ's rules: a fixed set of routes, parameters from the query alone, errors as
/// `{"message":"CODE"}`, every answer marked with NSQ's content type. Routes are added before the start, by one thread;
/// then immutable.
///
/// One event loop moves the bytes; each request is handled on a virtual thread.
public final class HttpApi implements AutoCloseable {
    private static final int MAX_LINE_BYTES = 16 * 1024;
    private static final int MAX_HEADER_BYTES = 32 * 1024;

    private final HttpLimits limits;
    private final HttpBodies bodies;
    private final List<HttpRoute> routes = new ArrayList<>();
    private final TcpListener listener;

    public HttpApi() {
        this(HttpLimits.defaults());
    }

    HttpApi(HttpLimits limits) {
        this.limits = limits;
        this.bodies = new HttpBodies(limits.bodyBytes());
        this.listener = new TcpListener("http-address", limits.connections(), this::accept);
    }

    public HttpApi route(String method, String path, int maxBodyBytes, HttpHandler handler) {
        return route(method, path, () -> maxBodyBytes, handler);
    }

    /// Adds a route; a `:name` in the path matches one segment. The body's limit is asked for with each request.
    public HttpApi route(String method, String path, IntSupplier maxBodyBytes, HttpHandler handler) {
        routes.add(new HttpRoute(method, HttpRoute.split(path), maxBodyBytes, handler, null));
        return this;
    }

    /// Adds an old name for a path that has a route already, whatever that one's method.
    public HttpApi alias(String method, String oldPath, String path) {
        var present = HttpRoute.split(path);
        for (var route : List.copyOf(routes)) {
            if (route.segments().equals(present)) {
                routes.add(
                        new HttpRoute(method, HttpRoute.split(oldPath), route.maxBodyBytes(), route.handler(), path));
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

    public void start(InetSocketAddress address) throws IOException {
        listener.start(address);
    }

    private void accept(SocketChannel channel) {
        var config =
                new HttpDecoderConfig().setMaxInitialLineLength(MAX_LINE_BYTES).setMaxHeaderSize(MAX_HEADER_BYTES);
        var intake = new HttpIntake(limits.request());
        channel.pipeline()
                .addLast(new IdleStateHandler(0, 0, limits.idle().toMillis(), TimeUnit.MILLISECONDS))
                .addLast(intake)
                .addLast(new HttpServerCodec(config))
                .addLast(new HttpConnection(this, intake));
    }

    public int port() {
        return listener.port();
    }

    @Override
    public void close() {
        listener.close();
    }
}
