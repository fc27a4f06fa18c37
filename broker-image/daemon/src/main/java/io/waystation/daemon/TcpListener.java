package io.waystation.daemon;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A port with an event loop of its own for all of its connections, which are bounded in number. Started and closed by
/// `main`'s thread. Where accepting fails (no file descriptors are left), it pauses for a second and goes on.
public final class TcpListener implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final Logger LOG = LoggerFactory.getLogger(TcpListener.class);

    private final String option;
    private final int maxConnections;
    private final Consumer<SocketChannel> pipeline;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final LongAdder refused = new LongAdder();
    private @Nullable MultiThreadIoEventLoopGroup group;
    private @Nullable Channel listener;

    /// @param option what the address is called where it is configured
    /// @param maxConnections connections at once; one more is closed at once
    /// @param pipeline adds the handlers of a new connection
    public TcpListener(String option, int maxConnections, Consumer<SocketChannel> pipeline) {
        this.option = option;
        this.maxConnections = maxConnections;
        this.pipeline = pipeline;
    }

    /// Begins to accept.
    public void start(InetSocketAddress address) throws IOException {
        var loop =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(option, true), NioIoHandler.newFactory());
        group = loop;
        var bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
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
                    option + ": cannot listen on " + address.getHostString() + ":" + address.getPort() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        listener = bound.channel();
    }

    private void accept(SocketChannel channel) {
        if (connections.size() >= maxConnections) {
            refused.increment();
            LOG.atWarn()
                    .addKeyValue("listener", option)
                    .addKeyValue("limit", maxConnections)
                    .addKeyValue("refusedCount", refused.sum())
                    .log("connection refused: too many");
            var _ = channel.close();
            return;
        }
        connections.add(channel);
        pipeline.accept(channel);
    }

    public int port() {
        var bound = listener;
        if (bound == null) {
            throw new IllegalStateException(option + ": not started");
        }
        return ((InetSocketAddress) bound.localAddress()).getPort();
    }

    /// Closes the port and every connection.
    @Override
    public void close() {
        var bound = listener;
        if (bound != null) {
            bound.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        }
        connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        var loop = group;
        if (loop != null) {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        }
    }
}
