package io.waystation.daemon;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// An HTTP server under NSQ's rules: a fixed set of routes, parameters from the query alone, errors as
/// `{"message":"CODE"}`, every answer marked with NSQ's content type. Routes are added before the start, by one thread;
/// then immutable.
///
/// One event loop moves the bytes; each request is handled on a virtual thread.
public final class HttpApi implements AutoCloseable {
    /// Connections at once; one more is closed at once.
    static final int MAX_CONNECTIONS = 10_000;

    private static final int MAX_LINE_BYTES = 16 * 1024;
    private static final int MAX_HEADER_BYTES = 32 * 1024;
    private static final int IDLE_SECONDS = 120;
    private static final int BACKLOG = 1024;

    private final List<HttpRoute> routes = new ArrayList<>();
    private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);
    private @Nullable MultiThreadIoEventLoopGroup group;
    private @Nullable Channel listener;

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

    public void start(InetSocketAddress address) throws IOException {
        var loops =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("http", true), NioIoHandler.newFactory());
        group = loops;
        var bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "http-address: cannot listen on " + address.getHostString() + ":" + address.getPort() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        listener = bound.channel();
    }

    private void accept(SocketChannel channel) {
        if (!connections.tryAcquire()) {
            var _ = channel.close();
            return;
        }
        channel.closeFuture().addListener(closed -> connections.release());
        var config =
                new HttpDecoderConfig().setMaxInitialLineLength(MAX_LINE_BYTES).setMaxHeaderSize(MAX_HEADER_BYTES);
        channel.pipeline()
                .addLast(new HttpServerCodec(config))
                .addLast(new IdleStateHandler(0, 0, IDLE_SECONDS))
                .addLast(new HttpConnection(this));
    }

    public int port() {
        var bound = listener;
        if (bound == null) {
            throw new IllegalStateException("not started");
        }
        return ((InetSocketAddress) bound.localAddress()).getPort();
    }

    @Override
    public void close() {
        var bound = listener;
        if (bound != null) {
            bound.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        }
        var loops = group;
        if (loops != null) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        }
    }
}
