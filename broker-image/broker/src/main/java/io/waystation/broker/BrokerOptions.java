package io.waystation.broker;

import io.waystation.broker.registration.Registration;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.channel.Cursor;
import io.waystation.daemon.Option;
import io.waystation.daemon.Options;
import io.waystation.daemon.Settings;
import io.waystation.daemon.TlsRequired;
import io.waystation.daemon.TlsVersion;
import io.waystation.daemon.UsageException;
import java.time.Duration;
import java.util.List;

/// The broker's options: nsqd's flags under their names, and a few of our own at the end.
public final class BrokerOptions {
    static final String TOPOLOGY_AWARE = "topology-aware-consumption";

    private static final Duration SHORTEST = Duration.ofMillis(1);
    /// What a channel's cursor can look ahead.
    private static final Duration LONGEST = Duration.ofMillis(Cursor.MAX_DELAY_MS);

    static final Option<String> TCP_ADDRESS = Option.string(
            "tcp-address", "0.0.0.0:4150", "host:port, or the path of a unix socket, to listen on for clients");
    static final Option<String> HTTP_ADDRESS = Option.string(
            "http-address",
            "0.0.0.0:4151",
            "host:port, or the path of a unix socket, to listen on for HTTP; empty: none");
    static final Option<String> HTTPS_ADDRESS = Option.string(
            "https-address",
            "0.0.0.0:4152",
            "host:port to listen on for HTTPS once there is a certificate; empty: none");
    static final Option<String> BROADCAST_ADDRESS =
            Option.string("broadcast-address", "", "address that lookups tell consumers (default: the host's name)");
    static final Option<Integer> BROADCAST_TCP_PORT = Option.integer(
            "broadcast-tcp-port", 0, 0, 65535, "TCP port that lookups tell consumers (0: the listening one)");
    static final Option<Integer> BROADCAST_HTTP_PORT =
            Option.integer("broadcast-http-port", 0, 0, 65535, "HTTP port that lookups tell (0: the listening one)");
    static final Option<List<String>> LOOKUPD_TCP_ADDRESS = Option.strings(
                    "lookupd-tcp-address", "host:port of a lookup to register with; may be given several times")
            .key("nsqlookupd_tcp_addresses")
            .dynamic();
    static final Option<Duration> HTTP_CLIENT_CONNECT_TIMEOUT =
            Option.duration("http-client-connect-timeout", "2s", "for connections to lookups' HTTP and auth servers");
    static final Option<Duration> HTTP_CLIENT_REQUEST_TIMEOUT =
            Option.duration("http-client-request-timeout", "5s", "for answers of lookups' HTTP and auth servers");
    static final Option<String> DATA_PATH =
            Option.string("data-path", "", "directory for everything that is stored (default: the working directory)");
    static final Option<Long> MEM_QUEUE_SIZE = Option.number(
            "mem-queue-size",
            10000,
            0,
            Long.MAX_VALUE,
            "messages that wait in an ephemeral channel; the oldest beyond it are dropped. All others are in the log");
    static final Option<Long> MAX_BYTES_PER_FILE = Option.number(
            "max-bytes-per-file", 104857600, 4096, 1L << 30, "bytes of a log segment before the next is begun");
    static final Option<Integer> MAX_MSG_SIZE = Option.bytes(
                    "max-msg-size", 1048576, 1, 64 * 1024 * 1024, "bytes of a message")
            .alias("max-message-size")
            .dynamic();
    static final Option<Integer> MAX_BODY_SIZE = Option.bytes(
                    "max-body-size", 5242880, 1, 256 * 1024 * 1024, "bytes of a command's body")
            .dynamic();
    static final Option<Duration> MSG_TIMEOUT = Option.duration(
                    "msg-timeout",
                    "1m",
                    SHORTEST,
                    LONGEST,
                    "how long a consumer may take for a message unless it asks otherwise")
            .dynamic();
    static final Option<Duration> MAX_MSG_TIMEOUT = Option.duration(
                    "max-msg-timeout", "15m", SHORTEST, LONGEST, "the longest message timeout, also by TOUCH")
            .dynamic();
    static final Option<Duration> MAX_REQ_TIMEOUT = Option.duration(
                    "max-req-timeout",
                    "1h",
                    SHORTEST,
                    LONGEST,
                    "the longest delay of REQ, and of a deferred publish unless max-defer-timeout says more")
            .dynamic();
    static final Option<Duration> MAX_HEARTBEAT_INTERVAL = Option.duration(
                    "max-heartbeat-interval", "1m", "the longest heartbeat interval a client may ask for")
            .dynamic();
    static final Option<Long> MAX_RDY_COUNT = Option.number(
                    "max-rdy-count", 2500, 1, Integer.MAX_VALUE, "the largest RDY count")
            .dynamic();
    static final Option<Integer> MAX_OUTPUT_BUFFER_SIZE =
            Option.integer("max-output-buffer-size", 65536, 64, 64 * 1024 * 1024, "bytes of the largest output buffer");
    static final Option<Duration> OUTPUT_BUFFER_TIMEOUT = Option.duration(
            "output-buffer-timeout", "250ms", "how long messages are held back unless a client asks otherwise");
    static final Option<Duration> MIN_OUTPUT_BUFFER_TIMEOUT =
            Option.duration("min-output-buffer-timeout", "25ms", "the shortest such time a client may ask for");
    static final Option<Duration> MAX_OUTPUT_BUFFER_TIMEOUT =
            Option.duration("max-output-buffer-timeout", "30s", "the longest such time a client may ask for");
    static final Option<Integer> MAX_CHANNEL_CONSUMERS = Option.integer(
                    "max-channel-consumers", 0, 0, Integer.MAX_VALUE, "consumers of one channel (0: no limit)")
            .dynamic();
    static final Option<List<String>> AUTH_HTTP_ADDRESS = Option.strings(
                    "auth-http-address",
                    "host:port or URL of a server that says what clients may do; may be given several times")
            .key("auth_http_addresses");
    static final Option<String> AUTH_HTTP_REQUEST_METHOD =
            Option.choice("auth-http-request-method", "get", "how auth servers are asked", "get", "post");
    static final Option<Boolean> SNAPPY = Option.bool("snappy", true, "whether clients may use Snappy");
    static final Option<Boolean> DEFLATE = Option.bool("deflate", true, "whether clients may use Deflate");
    static final Option<Integer> MAX_DEFLATE_LEVEL = Option.integer(
            "max-deflate-level", 6, 1, 9, "the most thorough level of Deflate; higher ones cost more processor time");
    static final Option<String> TLS_CERT =
            Option.string("tls-cert", "", "PEM file of the certificate, its own first; read anew when it changes");
    static final Option<String> TLS_KEY = Option.string("tls-key", "", "PEM file of the certificate's private key");
    static final Option<String> TLS_CLIENT_AUTH_POLICY = Option.choice(
            "tls-client-auth-policy",
            "",
            "certificates of clients: require (any) or require-verify (by tls-root-ca-file); both imply tls-required",
            "",
            "require",
            "require-verify");
    static final Option<String> TLS_ROOT_CA_FILE = Option.string(
            "tls-root-ca-file", "", "PEM file of the authorities for clients' certificates and https auth servers");
    static final Option<TlsRequired> TLS_REQUIRED = Option.tlsRequired(
            "tls-required", "whether clients must use TLS: true, false, or tcp-https (all but those of HTTP)");
    static final Option<TlsVersion> TLS_MIN_VERSION = Option.tlsVersion(
            "tls-min-version",
            "tls1.0",
            "tls1.0, tls1.1, tls1.2 or tls1.3; nothing below tls1.2 is served all the same");
    static final Option<String> STATSD_ADDRESS =
            Option.string("statsd-address", "", "host:port of a statsd that figures are sent to by UDP; empty: none");
    static final Option<String> STATSD_PREFIX = Option.string(
            "statsd-prefix", "nsq.%s", "begins the figures' names; %s stands for the broadcast address and HTTP port");
    static final Option<Duration> STATSD_INTERVAL =
            Option.duration("statsd-interval", "1m", SHORTEST, LONGEST, "time from one push to statsd to the next");
    static final Option<Boolean> STATSD_MEM_STATS =
            Option.bool("statsd-mem-stats", true, "whether statsd gets the process's memory");
    static final Option<Integer> STATSD_UDP_PACKET_SIZE =
            Option.integer("statsd-udp-packet-size", 508, 1, 65507, "bytes of the largest packet to statsd");
    static final Option<Boolean> STATSD_EXCLUDE_EPHEMERAL = Option.bool(
            "statsd-exclude-ephemeral", false, "whether ephemeral topics and channels are kept from statsd");
    static final Option<List<Double>> E2E_PROCESSING_LATENCY_PERCENTILE = Option.shares(
                    "e2e-processing-latency-percentile",
                    "shares of messages, such as 0.99, whose longest time from publish to FIN is shown; several between"
                            + " commas or by several flags")
            .key("e2e_processing_latency_percentiles");
    static final Option<Duration> E2E_PROCESSING_LATENCY_WINDOW_TIME = Option.duration(
            "e2e-processing-latency-window-time",
            "10m",
            SHORTEST,
            LONGEST,
            "how far these figures look back; they forget half of it at once");
    static final Option<String> TOPOLOGY_REGION =
            Option.string("topology-region", "", "the region that this broker stands in");
    static final Option<String> TOPOLOGY_ZONE =
            Option.string("topology-zone", "", "the zone that this broker stands in");
    static final Option<List<String>> ENABLE_EXPERIMENT = Option.strings(
            "enable-experiment",
            TOPOLOGY_AWARE
                    + ": the nearest consumer that has room is served first, by zone and region; other names have no"
                    + " effect; may be given several times");
    static final Option<Integer> NODE_ID = Option.integer(
                    "node-id",
                    -1,
                    -1,
                    1023,
                    "part of message ids, unique in a cluster (default: the data directory's, at first a hash of the host's"
                            + " name)")
            .key("id")
            .alias("worker-id");
    static final Option<String> LOG_LEVEL = Option.choice(
                    "log-level",
                    "info",
                    "the least important lines that are logged",
                    "debug",
                    "info",
                    "warn",
                    "error",
                    "fatal")
            .dynamic();
    static final Option<String> LOG_PREFIX = Option.string("log-prefix", "[nsqd] ", "begins each line of the log");

    static final Option<String> CLUSTER_ID = Option.string(
                    "cluster-id", "", "the cluster that the data belongs to; recorded in the data directory once")
            .dynamic();
    static final Option<Integer> METRICS_MAX_SERIES = Option.integer(
            "metrics-max-series",
            20_000,
            0,
            10_000_000,
            "series of topics and channels at /metrics; those beyond are summed");
    static final Option<Integer> MAX_TOPICS = Option.integer(
                    "max-topics", 100_000, 1, Integer.MAX_VALUE, "topics; what would make one more is refused")
            .dynamic();
    static final Option<Integer> MAX_TOPIC_CHANNELS = Option.integer(
                    "max-topic-channels",
                    20_000,
                    1,
                    Integer.MAX_VALUE,
                    "channels of one topic; what would make one more is refused")
            .dynamic();
    static final Option<Integer> MAX_CHANNELS = Option.integer(
                    "max-channels",
                    200_000,
                    1,
                    Integer.MAX_VALUE,
                    "channels of all topics together; what would make one more is refused")
            .dynamic();
    static final Option<Integer> MAX_CONNECTIONS = Option.integer(
            "max-connections",
            0,
            0,
            Integer.MAX_VALUE,
            "connections of clients; one more is closed (0: as many as half of the largest heap has room for at 8192 bytes"
                    + " each, and 65536 at most)");
    static final Option<Long> MAX_CONNECTION_MEMORY = Option.number(
            "max-connection-memory",
            0,
            0,
            Long.MAX_VALUE,
            "bytes of unfinished commands over all connections, and as many of what waits for clients to take it (0: a"
                    + " quarter of the largest heap, and 16777216 at least)");
    static final Option<Integer> LOOPS =
            Option.integer("loops", 0, 0, 256, "event loops (0: one less than there are processors)");
    static final Option<Long> MIN_FREE_BYTES = Option.number(
            "min-free-bytes",
            64L * 1024 * 1024,
            0,
            Long.MAX_VALUE,
            "space on the volume below which publishes are refused, so that consuming can go on");

    static final Option<String> FLUSH = Option.choice(
                    "flush",
                    "os",
                    "when a publish is answered, unless its topic says otherwise: once the operating system has it (os: survives the"
                            + " end of the process) or once it is flushed (disk: survives a power loss)",
                    "os",
                    "disk")
            .dynamic();
    static final Option<String> RETENTION = Option.choice(
                    "retention",
                    "consumed",
                    "how long messages are kept, unless their topic says otherwise: until every channel is past them (consumed) or as"
                            + " long as retention-time and retention-size allow, finished or not (bounded)",
                    "consumed",
                    "bounded")
            .dynamic();
    static final Option<Duration> RETENTION_TIME = Option.duration(
                    "retention-time", "0s", "with retention bounded: older messages go (0: no bound)")
            .dynamic();
    static final Option<Long> RETENTION_SIZE = Option.number(
                    "retention-size",
                    0,
                    0,
                    Long.MAX_VALUE,
                    "with retention bounded: bytes of a topic beyond which the oldest messages go (0: no bound)")
            .dynamic();
    static final Option<Duration> DEDUPLICATION_WINDOW = Option.duration(
                    "deduplication-window",
                    "2m",
                    Duration.ZERO,
                    Duration.ofMillis(TopicSettings.LONGEST_WINDOW_MS),
                    "how long a topic remembers the keys that publishes bear, unless it says otherwise (0: not at all)")
            .dynamic();
    static final Option<Duration> MAX_DEFER_TIMEOUT = Option.duration(
                    "max-defer-timeout",
                    "0s",
                    Duration.ZERO,
                    Duration.ofMillis(TopicSettings.LONGEST_DEFER_MS),
                    "the longest delay of a deferred publish, unless its topic allows more (0: max-req-timeout)")
            .dynamic();
    static final Option<Duration> MAX_AGE_PER_FILE = Option.duration(
            "max-age-per-file",
            "168h",
            SHORTEST,
            Duration.ofDays(365),
            "age of a log segment's first message at which the next segment is begun");

    private static final Option<?>[] NO_EFFECT = {
        Option.number("sync-every", 2500, 1, Long.MAX_VALUE, "no effect: see the durability of the log")
                .ignored(),
        Option.duration("sync-timeout", "2s", "no effect: see the durability of the log")
                .ignored(),
        Option.number("queue-scan-selection-count", 20, 0, Long.MAX_VALUE, "no effect: nothing is scanned")
                .ignored(),
        Option.number("queue-scan-worker-pool-max", 4, 0, Long.MAX_VALUE, "no effect: nothing is scanned")
                .ignored(),
        Option.bool("verbose", false, "no effect: see log-level").ignored(),
    };

    private BrokerOptions() {}

    /// The table that flags, file, `/config` and documentation come from.
    public static Options table() {
        var options = new Option<?>[] {
            TCP_ADDRESS,
            HTTP_ADDRESS,
            HTTPS_ADDRESS,
            BROADCAST_ADDRESS,
            BROADCAST_TCP_PORT,
            BROADCAST_HTTP_PORT,
            LOOKUPD_TCP_ADDRESS,
            HTTP_CLIENT_CONNECT_TIMEOUT,
            HTTP_CLIENT_REQUEST_TIMEOUT,
            DATA_PATH,
            MEM_QUEUE_SIZE,
            MAX_BYTES_PER_FILE,
            MAX_MSG_SIZE,
            MAX_BODY_SIZE,
            MSG_TIMEOUT,
            MAX_MSG_TIMEOUT,
            MAX_REQ_TIMEOUT,
            MAX_HEARTBEAT_INTERVAL,
            MAX_RDY_COUNT,
            MAX_OUTPUT_BUFFER_SIZE,
            OUTPUT_BUFFER_TIMEOUT,
            MIN_OUTPUT_BUFFER_TIMEOUT,
            MAX_OUTPUT_BUFFER_TIMEOUT,
            MAX_CHANNEL_CONSUMERS,
            AUTH_HTTP_ADDRESS,
            AUTH_HTTP_REQUEST_METHOD,
            SNAPPY,
            DEFLATE,
            MAX_DEFLATE_LEVEL,
            TLS_CERT,
            TLS_KEY,
            TLS_CLIENT_AUTH_POLICY,
            TLS_ROOT_CA_FILE,
            TLS_REQUIRED,
            TLS_MIN_VERSION,
            STATSD_ADDRESS,
            STATSD_PREFIX,
            STATSD_INTERVAL,
            STATSD_MEM_STATS,
            STATSD_UDP_PACKET_SIZE,
            STATSD_EXCLUDE_EPHEMERAL,
            E2E_PROCESSING_LATENCY_PERCENTILE,
            E2E_PROCESSING_LATENCY_WINDOW_TIME,
            TOPOLOGY_REGION,
            TOPOLOGY_ZONE,
            ENABLE_EXPERIMENT,
            NODE_ID,
            LOG_LEVEL,
            LOG_PREFIX,
            CLUSTER_ID,
            MAX_TOPICS,
            MAX_TOPIC_CHANNELS,
            MAX_CHANNELS,
            MAX_CONNECTIONS,
            MAX_CONNECTION_MEMORY,
            LOOPS,
            METRICS_MAX_SERIES,
            MIN_FREE_BYTES,
            FLUSH,
            RETENTION,
            RETENTION_TIME,
            RETENTION_SIZE,
            DEDUPLICATION_WINDOW,
            MAX_DEFER_TIMEOUT,
            MAX_AGE_PER_FILE,
        };
        var all = new Option<?>[options.length + NO_EFFECT.length];
        System.arraycopy(options, 0, all, 0, options.length);
        System.arraycopy(NO_EFFECT, 0, all, options.length, NO_EFFECT.length);
        return Options.of("nsqd", all);
    }

    /// Refuses what no option says wrong alone.
    static void check(Settings settings) throws UsageException {
        int lookups = settings.get(LOOKUPD_TCP_ADDRESS).size();
        if (lookups > Registration.MAX_LOOKUPS) {
            throw new UsageException(
                    1,
                    "lookupd-tcp-address: " + lookups + " addresses (expected: at most " + Registration.MAX_LOOKUPS
                            + ")");
        }
        boolean bounds = !settings.get(RETENTION_TIME).isZero() || settings.get(RETENTION_SIZE) > 0;
        if (settings.get(RETENTION).equals("bounded") && !bounds) {
            throw new UsageException(
                    1,
                    "retention: bounded, without a bound (expected: retention-time or retention-size above 0 beside it, or"
                            + " consumed)");
        }
    }
}
