package io.waystation.daemon;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A socket that takes connections, at a port or at a path (a unix socket). Immutable.
public final class Listener implements AutoCloseable {
    private static final int NO_PORT = -1;
    private static final long CLOSE_TIMEOUT_S = 1;
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private final Channel channel;
    private final @Nullable Path path;

    private Listener(Channel channel, @Nullable Path path) {
        this.channel = channel;
        this.path = path;
    }

    /// Begins to listen; the bootstrap has all but the kind of channel.
    ///
    /// @param option the option that names the address, for errors
    public static Listener open(String option, SocketAddress address, ServerBootstrap bootstrap) throws IOException {
        Path path = null;
        if (address instanceof UnixDomainSocketAddress unix) {
            path = unix.getPath();
            removeAbandoned(unix);
            bootstrap.channel(NioServerDomainSocketChannel.class);
        } else {
            bootstrap
                    .channel(NioServerSocketChannel.class)
                    .option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childOption(ChannelOption.SO_KEEPALIVE, true);
        }
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            var cause = bound.cause();
            throw new IOException(option + ": cannot listen on " + text(address) + ": " + cause.getMessage(), cause);
        }
        return new Listener(bound.channel(), path);
    }

    /// A process that was killed leaves its socket's file behind, at which nobody answers.
    private static void removeAbandoned(UnixDomainSocketAddress address) throws IOException {
        var file = address.getPath();
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS) || Files.isRegularFile(file) || Files.isDirectory(file)) {
            return;
        }
        try (var _ = SocketChannel.open(address)) {
            // somebody answers: binding will say that the address is in use
        } catch (IOException nobody) {
            Files.delete(file);
        }
    }

    private static String text(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? inet.getHostString() + ":" + inet.getPort()
                : String.valueOf(address);
    }

    /// The port; -1 at a path.
    public int port() {
        return channel.localAddress() instanceof InetSocketAddress inet ? inet.getPort() : NO_PORT;
    }

    /// Takes no more connections.
    @Override
    public void close() {
        channel.close().awaitUninterruptibly(CLOSE_TIMEOUT_S, TimeUnit.SECONDS);
        if (path == null) {
            return;
        }
        try {
            Files.deleteIfExists(path);
        } catch (IOException left) {
            // The next start removes it.
            LOG.atWarn().addKeyValue("path", path).setCause(left).log("socket not removed");
        }
    }
}
