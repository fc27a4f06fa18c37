package io.waystation.daemon;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A port, or a path, with an event loop of its own for all of its connections, which are bounded in number.
/// Started and closed by `main`'s thread. Where accepting fails (no file descriptors are left), it pauses for a
/// second and goes on.
public final class TcpListener implements AutoCloseable {
    private static final int BACKLOG = 1024;
    private static final Logger LOG = LoggerFactory.getLogger(TcpListener.class);

    private final String option;
    private final int maxConnections;
    private final Consumer<Channel> pipeline;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final LongAdder refused = new LongAdder();
    private @Nullable MultiThreadIoEventLoopGroup group;
    private @Nullable Listener listener;

    /// @param option what the address is called where it is configured
    /// @param maxConnections connections at once; one more is closed at once
    /// @param pipeline adds the handlers of a new connection
    public TcpListener(String option, int maxConnections, Consumer<Channel> pipeline) {
        this.option = option;
        this.maxConnections = maxConnections;
        this.pipeline = pipeline;
    }

    /// Begins to accept.
    public void start(SocketAddress address) throws IOException {
        var loop =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(option, true), NioIoHandler.newFactory());
        group = loop;
        listener = Listener.open(
                option,
                address,
                new ServerBootstrap()
                        .group(loop)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .childHandler(new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                accept(channel);
                            }
                        }));
    }

    private void accept(Channel channel) {
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

    /// The port; -1 at a path.
    public int port() {
        var bound = listener;
        if (bound == null) {
            throw new IllegalStateException(option + ": not started");
        }
        return bound.port();
    }

    /// Closes the port and every connection.
    @Override
    public void close() {
        var bound = listener;
        if (bound != null) {
            bound.close();
        }
        connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        var loop = group;
        if (loop != null) {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        }
    }
}
