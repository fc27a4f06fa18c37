package io.waystation.broker.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.waystation.broker.loop.Loop;
import io.waystation.broker.loop.Paged;
import io.waystation.broker.topic.ClientStats;
import io.waystation.broker.topic.Topics;
import io.waystation.daemon.Listener;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The listener for NSQ's TCP protocol and the connections that it accepted. Safe from any thread: connections are kept
/// in a concurrent set, and asked things on their own loops.
public final class TcpServer {
    /// Above the high mark nothing is pushed to a consumer until its peer has taken all but the low mark.
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

    private static final int BACKLOG = 4096;
    private static final int MAX_HANDSHAKES = 10_000;
    /// Connections that are asked something at a time.
    private static final int PAGE_SIZE = 256;

    private final Loops loops;
    private final Topics topics;
    private final Supplier<Limits> limits;
    private final Features features;
    private final String version;
    private final int maxConnections;
    private final InputMemory inputMemory;
    private final OutputMemory outputMemory;
    private final Room publishCounts = new Room(PublishCounts.MAX_COUNTS);
    private final Room deflating;
    private final Turns handshakes;
    private final @Nullable Questions questions;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final List<Traffic> traffic = new ArrayList<>();
    private @Nullable Listener listener;

    public TcpServer(
            Loops loops,
            Topics topics,
            Supplier<Limits> limits,
            Features features,
            String version,
            ConnectionBounds bounds) {
        this.loops = loops;
        this.topics = topics;
        this.limits = limits;
        this.features = features;
        this.version = version;
        this.maxConnections = bounds.connections();
        this.inputMemory = new InputMemory(bounds.memoryBytes());
        this.outputMemory = new OutputMemory(bounds.memoryBytes());
        this.handshakes = new Turns(
                "TLS handshakes", Math.clamp(bounds.memoryBytes() / Upgrade.HANDSHAKE_BYTES, 16, MAX_HANDSHAKES));
        var auth = features.auth();
        this.questions = auth == null ? null : new Questions(auth, bounds.memoryBytes());
        this.deflating = new Room(Math.max(bounds.memoryBytes() / DeflateCodec.MEMORY_BYTES, 1));
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
                        .childOption(ChannelOption.RECVBUF_ALLOCATOR, new ReceiveSizes(inputMemory))
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

    InputMemory inputMemory() {
        return inputMemory;
    }

    OutputMemory outputMemory() {
        return outputMemory;
    }

    /// Of the counts of [PublishCounts].
    Room publishCountRoom() {
        return publishCounts;
    }

    /// Connections that may use Deflate.
    Room deflateRoom() {
        return deflating;
    }

    /// Handshakes that may be under way.
    Turns handshakes() {
        return handshakes;
    }

    /// Null: nobody is asked anything.
    @Nullable Questions questions() {
        return questions;
    }

    /// What connections hold and wait for at this moment.
    public MemoryUse memoryUse() {
        return new MemoryUse(
                inputMemory.heldBytes(),
                inputMemory.waitingCount(),
                inputMemory.stallCount(),
                inputMemory.closedCount(),
                outputMemory.heldBytes(),
                handshakes.underWayCount(),
                handshakes.waitingCount(),
                questions == null ? 0 : questions.turns().waitingCount(),
                questions == null ? 0 : questions.givenUpCount());
    }

    boolean add(Connection connection) {
        return connections.size() < maxConnections && connections.add(connection);
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

    /// The connections that have published something, by address; asked for a page at a time.
    public Iterator<ClientStats> producers() {
        var sorted = new ArrayList<>(connections);
        sorted.sort(Comparator.comparing(Connection::remoteAddress));
        return new Paged<>(
                sorted,
                PAGE_SIZE,
                connection -> Loop.callWherever(
                        connection::loop,
                        () -> connection.session().hasPublished()
                                ? connection.session().stats()
                                : null));
    }

    public int producerCount() {
        int count = 0;
        var counts = new Paged<>(
                new ArrayList<>(connections),
                PAGE_SIZE,
                connection -> Loop.callWherever(
                        connection::loop, () -> connection.session().hasPublished() ? 1 : null));
        while (counts.hasNext()) {
            count += counts.next();
        }
        return count;
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
