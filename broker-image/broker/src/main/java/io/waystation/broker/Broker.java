package io.waystation.broker;

import io.waystation.broker.http.ApiContext;
import io.waystation.broker.http.NsqApi;
import io.waystation.broker.http.OperatorApi;
import io.waystation.broker.http.PeekApi;
import io.waystation.broker.metrics.DiskWaits;
import io.waystation.broker.metrics.MetricsApi;
import io.waystation.broker.net.ConnectionBounds;
import io.waystation.broker.net.Features;
import io.waystation.broker.net.Limits;
import io.waystation.broker.net.Loops;
import io.waystation.broker.net.TcpServer;
import io.waystation.broker.net.Topology;
import io.waystation.broker.nsqd.NsqdImport;
import io.waystation.broker.registration.Registration;
import io.waystation.broker.registration.SelfDescription;
import io.waystation.broker.statsd.StatsdPush;
import io.waystation.broker.statsd.StatsdSettings;
import io.waystation.broker.topic.LatencySettings;
import io.waystation.broker.topic.Quota;
import io.waystation.broker.topic.TopicContext;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.Topics;
import io.waystation.broker.topic.Volume;
import io.waystation.daemon.Closing;
import io.waystation.daemon.DebugApi;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.Option;
import io.waystation.daemon.Program;
import io.waystation.daemon.ProgramLog;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import io.waystation.log.DataDirectory;
import io.waystation.log.DiskFiles;
import io.waystation.log.FileStore;
import io.waystation.log.LogSettings;
import io.waystation.wire.CommandLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The daemon that stores and delivers messages: puts the parts together, starts and stops them in order. Started and
/// closed by `main`'s thread.
public final class Broker implements Program.Daemon {
    /// Our own release.
    public static final String VERSION = "0.1.0";

    private static final int MAX_NODE_ID = 1023;
    private static final long CLOSE_TIMEOUT_S = 2;
    private static final long BYTES_OF_CONNECTION = 8192;
    private static final long MOST_CONNECTIONS = 65_536;
    private static final long LEAST_CONNECTION_MEMORY = 16L * 1024 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);

    private final Settings settings;
    private final DataDirectory directory;
    private final Security security;
    private final FileStore files;
    private final Volume volume = new Volume();
    private final ExecutorService blocking;
    private final ExecutorService flushing;
    private final Loops loops;
    private final Topics topics;
    private final Registration registration;
    private final TcpServer tcp;
    private final HttpApi http = new HttpApi();
    private final SpaceWatch space;
    private final DiskWaits disk = new DiskWaits(System::nanoTime);
    private final String hostname;
    private final long startMs;
    private @Nullable StatsdPush statsd;
    private volatile Limits limits;
    private volatile TopicSettings topicDefaults;

    private Broker(Settings settings, DataDirectory directory, FileStore files, Security security) {
        this.settings = settings;
        this.security = security;
        this.directory = directory;
        this.files = files;
        this.hostname = hostname();
        this.startMs = System.currentTimeMillis();
        this.limits = limits(settings);
        this.topicDefaults = topicDefaults(settings);
        this.blocking = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("disk").daemon(true).factory());
        this.flushing = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("flush").daemon(true).factory());
        int processors = Runtime.getRuntime().availableProcessors();
        int count = settings.get(BrokerOptions.LOOPS);
        this.loops = new Loops(count > 0 ? count : Math.max(processors - 1, 1));
        this.registration = new Registration(
                this::describe,
                this::registrations,
                (int) settings.get(BrokerOptions.HTTP_CLIENT_CONNECT_TIMEOUT).toMillis(),
                (int) settings.get(BrokerOptions.HTTP_CLIENT_REQUEST_TIMEOUT).toMillis());
        var logSettings = new ArrayList<LogSettings>();
        for (int i = 0; i < loops.all().size(); i++) {
            logSettings.add(logSettings());
        }
        var context = new TopicContext(
                disk.measured(new FreedLater(files, blocking, disk::onFailure)),
                directory.nodeId(),
                logSettings,
                volume,
                blocking,
                flushing,
                () -> topicDefaults,
                registration,
                settings.get(BrokerOptions.MEM_QUEUE_SIZE),
                latency(settings));
        this.topics = new Topics(
                context, loops.all(), directory.path(), registration::channelsOf, new Quota(() -> quota(settings)));
        this.tcp = new TcpServer(loops, topics, () -> limits, features(), VERSION, bounds(settings));
        this.space = new SpaceWatch(directory.path(), settings.get(BrokerOptions.MIN_FREE_BYTES), volume);
    }

    /// Starts a broker; when it returns, both ports answer.
    public static Broker start(Settings settings) throws IOException, UsageException {
        return start(settings, new DiskFiles());
    }

    /// Starts a broker whose topics are kept in `files`.
    static Broker start(Settings settings, FileStore files) throws IOException, UsageException {
        BrokerOptions.check(settings);
        var tcpAddress = settings.listenAddress(BrokerOptions.TCP_ADDRESS);
        var dataPath = Path.of(settings.get(BrokerOptions.DATA_PATH)).toAbsolutePath();
        int wanted = settings.get(BrokerOptions.NODE_ID);
        if (wanted < 0 && settings.isGiven(BrokerOptions.NODE_ID)) {
            throw new UsageException(1, "node-id: " + wanted + " (expected: 0.." + MAX_NODE_ID + ")");
        }
        var directory = DataDirectory.open(
                dataPath, wanted < 0 ? null : wanted, Math.floorMod(hostname().hashCode(), MAX_NODE_ID + 1));
        Broker broker;
        try {
            broker = new Broker(settings, directory, files, Security.of(settings));
        } catch (IOException | UsageException failure) {
            directory.close();
            throw failure;
        }
        try {
            broker.serve(tcpAddress);
        } catch (IOException | UsageException failure) {
            broker.close();
            throw failure;
        }
        return broker;
    }

    private void serve(SocketAddress tcpAddress) throws IOException, UsageException {
        var clusterId = settings.get(BrokerOptions.CLUSTER_ID);
        if (!clusterId.isEmpty()) {
            directory.clusterId(clusterId);
        }
        space.start();
        new NsqdImport(files, directory.path(), directory.nodeId(), logSettings()).run();
        topics.load();
        tcp.start(tcpAddress);
        serveHttp();
        registration.addresses(settings.get(BrokerOptions.LOOKUPD_TCP_ADDRESS));
        startStatsd();
        LOG.atInfo()
                .addKeyValue("tcpPort", tcp.port())
                .addKeyValue("httpPort", http.port())
                .addKeyValue("httpsPort", http.tlsPort())
                .addKeyValue("dataPath", directory.path())
                .addKeyValue("nodeId", directory.nodeId())
                .addKeyValue("topics", topics.all().size())
                .log("ready");
    }

    private void serveHttp() throws IOException, UsageException {
        var tls = security.tls();
        boolean plain = !settings.get(BrokerOptions.HTTP_ADDRESS).isEmpty();
        boolean encrypted =
                tls != null && !settings.get(BrokerOptions.HTTPS_ADDRESS).isEmpty();
        if (!plain && !encrypted) {
            return;
        }
        addRoutes();
        if (security.required().forHttp()) {
            http.requireTls();
        }
        if (tls != null && encrypted) {
            http.startTls(settings.address(BrokerOptions.HTTPS_ADDRESS), tls);
        }
        if (plain) {
            http.start(settings.listenAddress(BrokerOptions.HTTP_ADDRESS));
        }
    }

    private void addRoutes() {
        var context = new ApiContext(
                topics,
                tcp,
                volume,
                settings,
                directory,
                this::applySettings,
                UUID.randomUUID(),
                startMs,
                http::port,
                this::completed,
                broadcastAddress(),
                hostname,
                VERSION);
        new NsqApi(
                        context,
                        BrokerOptions.LOOKUPD_TCP_ADDRESS,
                        BrokerOptions.LOG_LEVEL,
                        () -> limits.commands().maxMessageSize(),
                        () -> limits.commands().maxBodySize())
                .addTo(http);
        new OperatorApi(context, BrokerOptions.CLUSTER_ID, BrokerOptions::check).addTo(http);
        new PeekApi(context).addTo(http);
        var sources = new MetricsApi.Sources(topics, tcp, loops.all(), volume, disk, directory.path(), http, VERSION);
        new MetricsApi(sources, settings.get(BrokerOptions.METRICS_MAX_SERIES)).addTo(http);
        new DebugApi().addTo(http);
    }

    private void startStatsd() {
        var address = settings.get(BrokerOptions.STATSD_ADDRESS);
        if (address.isEmpty()) {
            return;
        }
        var push = new StatsdPush(
                new StatsdSettings(
                        address,
                        statsdPrefix(),
                        settings.get(BrokerOptions.STATSD_INTERVAL),
                        settings.get(BrokerOptions.STATSD_UDP_PACKET_SIZE),
                        settings.get(BrokerOptions.STATSD_MEM_STATS),
                        settings.get(BrokerOptions.STATSD_EXCLUDE_EPHEMERAL)),
                () -> topics.stats(false));
        push.start();
        statsd = push;
    }

    private String statsdPrefix() {
        return StatsdSettings.prefix(
                settings.get(BrokerOptions.STATSD_PREFIX), broadcastAddress(), broadcastHttpPort());
    }

    private LogSettings logSettings() {
        return LogSettings.defaults()
                .withSegmentBytes(settings.get(BrokerOptions.MAX_BYTES_PER_FILE))
                .withSegmentMs(millis(settings, BrokerOptions.MAX_AGE_PER_FILE));
    }

    private static LatencySettings latency(Settings settings) {
        return new LatencySettings(
                settings.get(BrokerOptions.E2E_PROCESSING_LATENCY_PERCENTILE),
                millis(settings, BrokerOptions.E2E_PROCESSING_LATENCY_WINDOW_TIME));
    }

    public int tcpPort() {
        return tcp.port();
    }

    public int httpPort() {
        return http.port();
    }

    public int httpsPort() {
        return http.tlsPort();
    }

    private static String hostname() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }

    private String broadcastAddress() {
        var given = settings.get(BrokerOptions.BROADCAST_ADDRESS);
        return given.isEmpty() ? hostname : given;
    }

    private int broadcastTcpPort() {
        int given = settings.get(BrokerOptions.BROADCAST_TCP_PORT);
        return given == 0 ? Math.max(0, tcp.port()) : given;
    }

    private int broadcastHttpPort() {
        int given = settings.get(BrokerOptions.BROADCAST_HTTP_PORT);
        return given == 0 ? Math.max(0, http.port()) : given;
    }

    /// What the start has made of options that leave something open, by their keys.
    private Map<String, Object> completed() {
        return Map.of(
                BrokerOptions.BROADCAST_ADDRESS.configKey(), broadcastAddress(),
                BrokerOptions.BROADCAST_TCP_PORT.configKey(), broadcastTcpPort(),
                BrokerOptions.BROADCAST_HTTP_PORT.configKey(), broadcastHttpPort(),
                BrokerOptions.NODE_ID.configKey(), directory.nodeId(),
                BrokerOptions.STATSD_PREFIX.configKey(), statsdPrefix());
    }

    private static Limits limits(Settings settings) {
        return new Limits(
                new CommandLimits(
                        settings.get(BrokerOptions.MAX_MSG_SIZE),
                        settings.get(BrokerOptions.MAX_BODY_SIZE),
                        maxDeferMs(settings),
                        settings.get(BrokerOptions.MAX_RDY_COUNT)),
                millis(settings, BrokerOptions.MSG_TIMEOUT),
                millis(settings, BrokerOptions.MAX_MSG_TIMEOUT),
                millis(settings, BrokerOptions.MAX_REQ_TIMEOUT),
                millis(settings, BrokerOptions.MAX_HEARTBEAT_INTERVAL),
                settings.get(BrokerOptions.MAX_OUTPUT_BUFFER_SIZE),
                millis(settings, BrokerOptions.OUTPUT_BUFFER_TIMEOUT),
                millis(settings, BrokerOptions.MIN_OUTPUT_BUFFER_TIMEOUT),
                millis(settings, BrokerOptions.MAX_OUTPUT_BUFFER_TIMEOUT),
                settings.get(BrokerOptions.MAX_DEFLATE_LEVEL),
                settings.get(BrokerOptions.MAX_CHANNEL_CONSUMERS));
    }

    private static Quota.Limits quota(Settings settings) {
        return new Quota.Limits(
                settings.get(BrokerOptions.MAX_TOPICS),
                settings.get(BrokerOptions.MAX_TOPIC_CHANNELS),
                settings.get(BrokerOptions.MAX_CHANNELS));
    }

    private static ConnectionBounds bounds(Settings settings) {
        long heapBytes = Runtime.getRuntime().maxMemory();
        int connections = settings.get(BrokerOptions.MAX_CONNECTIONS);
        long memory = settings.get(BrokerOptions.MAX_CONNECTION_MEMORY);
        return new ConnectionBounds(
                connections > 0 ? connections : (int) Math.min(heapBytes / 2 / BYTES_OF_CONNECTION, MOST_CONNECTIONS),
                // What is outside of the heap may grow as large as the heap, and these are not all that is there.
                memory > 0 ? memory : Math.max(heapBytes / 4, LEAST_CONNECTION_MEMORY));
    }

    private Features features() {
        return new Features(
                security.tls(),
                security.required(),
                settings.get(BrokerOptions.SNAPPY),
                settings.get(BrokerOptions.DEFLATE),
                security.auth(),
                new Topology(
                        settings.get(BrokerOptions.TOPOLOGY_REGION),
                        settings.get(BrokerOptions.TOPOLOGY_ZONE),
                        settings.get(BrokerOptions.ENABLE_EXPERIMENT).contains(BrokerOptions.TOPOLOGY_AWARE)));
    }

    private static long maxDeferMs(Settings settings) {
        long given = millis(settings, BrokerOptions.MAX_DEFER_TIMEOUT);
        return given == 0 ? millis(settings, BrokerOptions.MAX_REQ_TIMEOUT) : given;
    }

    private static TopicSettings topicDefaults(Settings settings) {
        var retention = new TopicSettings.Retention(
                TopicSettings.Retention.Policy.valueOf(
                        settings.get(BrokerOptions.RETENTION).toUpperCase(Locale.ROOT)),
                millis(settings, BrokerOptions.RETENTION_TIME),
                settings.get(BrokerOptions.RETENTION_SIZE));
        return new TopicSettings(
                TopicSettings.Flush.valueOf(settings.get(BrokerOptions.FLUSH).toUpperCase(Locale.ROOT)),
                retention,
                millis(settings, BrokerOptions.DEDUPLICATION_WINDOW),
                settings.get(BrokerOptions.MAX_MSG_SIZE),
                maxDeferMs(settings));
    }

    private static long millis(Settings settings, Option<Duration> option) {
        return settings.get(option).toMillis();
    }

    /// Makes what was changed over HTTP effective.
    private void applySettings() {
        limits = limits(settings);
        topicDefaults = topicDefaults(settings);
        topics.applySettings();
        ProgramLog.level(settings.get(BrokerOptions.LOG_LEVEL));
        registration.addresses(settings.get(BrokerOptions.LOOKUPD_TCP_ADDRESS));
    }

    private SelfDescription describe() {
        return new SelfDescription(
                broadcastAddress(),
                hostname,
                broadcastTcpPort(),
                broadcastHttpPort(),
                settings.get(BrokerOptions.TOPOLOGY_REGION),
                settings.get(BrokerOptions.TOPOLOGY_ZONE),
                "1.3.0");
    }

    private List<String> registrations() {
        var commands = new ArrayList<String>();
        for (var topic : topics.all()) {
            var channels = topic.loop().call(topic::channelNames).join();
            if (channels.isEmpty()) {
                commands.add("REGISTER " + topic.name());
            }
            for (var channel : channels) {
                commands.add("REGISTER " + topic.name() + " " + channel);
            }
        }
        return commands;
    }

    /// Clients are disconnected, everything is written, the directory is free for another.
    @Override
    public void close() throws IOException {
        var closing = new Closing();
        if (statsd != null) {
            closing.then(statsd::close);
        }
        closing.then(registration::close)
                .then(tcp::close)
                .then(http::close)
                .then(topics::close)
                .then(space::close)
                .then(this::endDiskThreads)
                .then(loops::close)
                .then(security::close)
                .then(directory::close)
                .end();
    }

    private void endDiskThreads() {
        flushing.shutdown();
        blocking.shutdown();
        try {
            if (!blocking.awaitTermination(CLOSE_TIMEOUT_S, TimeUnit.SECONDS)) {
                LOG.warn("the disk is slow: the last segments are not sealed and will be read at the next start");
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }
}
