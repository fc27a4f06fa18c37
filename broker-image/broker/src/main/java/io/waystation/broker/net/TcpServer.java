package io.waystation.broker.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.waystation.broker.loop.Loop;
import io.waystation.broker.topic.ClientStats;
import io.waystation.broker.topic.Topics;
import io.waystation.daemon.Listener;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The listener for NSQ's TCP protocol and the connections that it accepted. Safe from any thread: connections are kept
/// in a concurrent set, and asked things on their own loops.
public final class TcpServer {
    /// Connections at once; one more is closed at once.
    static final int MAX_CONNECTIONS = 65_536;

    private static final int RECEIVE_BYTES = 128 * 1024;
    /// Above the high mark nothing is pushed to a consumer until its peer has taken all but the low mark.
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

    private static final int BACKLOG = 4096;

    private final Loops loops;
    private final Topics topics;
    private final Supplier<Limits> limits;
    private final Features features;
    private final String version;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final List<Traffic> traffic = new ArrayList<>();
    private @Nullable Listener listener;

    public TcpServer(Loops loops, Topics topics, Supplier<Limits> limits, Features features, String version) {
        this.loops = loops;
        this.topics = topics;
        this.limits = limits;
        this.features = features;
        this.version = version;
        for (int i = 0; i < loops.all().size(); i++) {
            traffic.add(new Traffic());
        }
    }

    /// Begins to accept.
    public void start(SocketAddress address) throws IOException {
        listener = Listener.open(
                "tcp-address",
                address,
                new ServerBootstrap()
                        .group(loops.group())
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        // A peer that sends no more may still be waiting for answers.
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE_BYTES))
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                        .childHandler(new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                var loop = loops.of(channel.eventLoop());
                                loop.begin();
                                channel.pipeline().addLast(new Connection(TcpServer.this, channel, loop));
                            }
                        }));
    }

    /// The port; -1 at a path.
    public int port() {
        var bound = listener;
        if (bound == null) {
            throw new IllegalStateException("not started");
        }
        return bound.port();
    }

    Loops loops() {
        return loops;
    }

    Topics topics() {
        return topics;
    }

    public Limits limits() {
        return limits.get();
    }

    public Topology topology() {
        return features.topology();
    }

    Features features() {
        return features;
    }

    String version() {
        return version;
    }

    boolean add(Connection connection) {
        return connections.size() < MAX_CONNECTIONS && connections.add(connection);
    }

    void remove(Connection connection) {
        connections.remove(connection);
    }

    /// What the connections of the loop count; to be used on it.
    Traffic traffic(Loop loop) {
        return traffic.get(loop.index());
    }

    /// What all connections counted so far.
    public Traffic traffic() {
        var answers = new ArrayList<CompletableFuture<Traffic>>();
        for (var loop : loops.all()) {
            answers.add(loop.call(() -> traffic(loop).copy()));
        }
        var sum = new Traffic();
        for (var answer : answers) {
            sum.add(answer.join());
        }
        return sum;
    }

    public int connectionCount() {
        return connections.size();
    }

    /// The connections that have published something.
    public List<ClientStats> producers() {
        var answers = new ArrayList<CompletableFuture<ClientStats>>();
        for (var connection : connections) {
            answers.add(Loop.callWherever(
                    connection::loop, () -> connection.session().stats()));
        }
        var producers = new ArrayList<ClientStats>();
        for (var answer : answers) {
            var stats = answer.join();
            if (!stats.publishCounts().isEmpty()) {
                producers.add(stats);
            }
        }
        producers.sort(Comparator.comparing(ClientStats::remoteAddress));
        return producers;
    }

    /// Accepts no more and closes all connections.
    public void close() {
        var bound = listener;
        if (bound != null) {
            bound.close();
        }
        var closed = new ArrayList<CompletableFuture<Boolean>>();
        for (var connection : connections) {
            closed.add(Loop.callWherever(connection::loop, () -> {
                connection.close("exiting");
                return true;
            }));
        }
        closed.forEach(CompletableFuture::join);
    }
}
