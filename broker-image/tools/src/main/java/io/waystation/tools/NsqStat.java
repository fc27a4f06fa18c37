package io.waystation.tools;

import io.waystation.client.HttpCalls;
import io.waystation.daemon.Option;
import io.waystation.daemon.Options;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/// `nsq_stat`: one channel's rates and counts, summed over all brokers, line by line. Confined to the thread that
/// runs it.
public final class NsqStat {
    private static final Option<String> TOPIC = Option.string("topic", "", "topic to look at");
    private static final Option<String> CHANNEL = Option.string("channel", "", "channel to look at");
    private static final Option<List<String>> NSQD_HTTP_ADDRESS =
            Option.strings("nsqd-http-address", "host:port of a broker; may be given several times");
    private static final Option<Duration> INTERVAL = Option.duration(
                    "interval", "2s", Duration.ofMillis(1), Duration.ofHours(24), "time between lines")
            .alias("status-every");
    private static final Option<Long> COUNT =
            Option.number("count", 0, 0, Long.MAX_VALUE, "end after so many lines (0: go on)");
    private static final Option<Duration> CONNECT_TIMEOUT = Option.duration(
            "http-client-connect-timeout",
            "2s",
            Duration.ofMillis(1),
            Duration.ofHours(24),
            "for connections over HTTP");
    private static final Option<Duration> REQUEST_TIMEOUT = Option.duration(
            "http-client-request-timeout", "5s", Duration.ofMillis(1), Duration.ofHours(24), "for answers over HTTP");
    private static final int HEADER_EVERY = 25;

    static final Tool TOOL = new Tool(
            Options.ofTool(
                    "nsq_stat",
                    TOPIC,
                    CHANNEL,
                    NSQD_HTTP_ADDRESS,
                    ToolOptions.LOOKUPD_HTTP_ADDRESS,
                    INTERVAL,
                    COUNT,
                    CONNECT_TIMEOUT,
                    REQUEST_TIMEOUT),
            NsqStat::watch);

    private final Terminal terminal;
    private final HttpCalls http;
    private final String topic;
    private final String channel;
    private final List<String> brokers;
    private final List<String> lookups;

    private NsqStat(Settings settings, Terminal terminal) throws UsageException {
        this.terminal = terminal;
        this.http = new HttpCalls(settings.get(CONNECT_TIMEOUT), settings.get(REQUEST_TIMEOUT));
        this.topic = ToolOptions.requireName(settings, TOPIC);
        this.channel = ToolOptions.requireName(settings, CHANNEL);
        this.brokers = settings.get(NSQD_HTTP_ADDRESS);
        this.lookups = settings.get(ToolOptions.LOOKUPD_HTTP_ADDRESS);
        ToolOptions.requireOneKind(brokers, lookups, NSQD_HTTP_ADDRESS.name());
    }

    /// Runs the tool as this process; the exit code.
    public static int run(String[] arguments) {
        return TOOL.run(arguments);
    }

    private static void watch(Settings settings, Terminal terminal)
            throws IOException, UsageException, InterruptedException {
        var stat = new NsqStat(settings, terminal);
        long intervalNs = settings.get(INTERVAL).toNanos();
        long rows = settings.get(COUNT);
        var last = stat.counts();
        long lastNs = terminal.clockNs().getAsLong();
        terminal.out().println(ChannelCounts.HEADER);
        for (long row = 1; rows == 0 || row <= rows; row++) {
            if (terminal.stop().await(intervalNs, TimeUnit.NANOSECONDS)) {
                return;
            }
            var now = stat.counts();
            long nowNs = terminal.clockNs().getAsLong();
            if (row % HEADER_EVERY == 0) {
                terminal.out().println(ChannelCounts.HEADER);
            }
            terminal.out().println(ChannelCounts.row(last, now, seconds(nowNs - lastNs)));
            if (terminal.out().checkError()) {
                throw new IOException("cannot write to stdout");
            }
            last = now;
            lastNs = nowNs;
        }
    }

    private static double seconds(long ns) {
        return (double) ns / TimeUnit.SECONDS.toNanos(1);
    }

    /// The channel's figures by broker.
    private Map<String, ChannelCounts> counts() throws IOException {
        var counts = new TreeMap<String, ChannelCounts>();
        var failures = new TreeMap<String, String>();
        boolean topicFound = false;
        for (var broker : producers()) {
            try {
                topicFound |= readCounts(broker, counts);
            } catch (IOException failure) {
                failures.put(broker, String.valueOf(failure.getMessage()));
            }
        }
        if (!topicFound) {
            throw new IOException(
                    "failed to get nsqd stats - failed to query any nsqd: " + String.join(", ", failures.values()));
        }
        failures.forEach((broker, cause) ->
                terminal.say("WARNING: failed to query nsqd " + broker + ", not counted - " + cause));
        if (counts.isEmpty()) {
            throw new IOException("failed to find channel(" + channel + ") in stats metadata for topic(" + topic + ")");
        }
        return counts;
    }

    /// Asks one broker; whether it has the topic.
    private boolean readCounts(String broker, Map<String, ChannelCounts> counts) throws IOException {
        var path = "/stats?format=json&include_clients=false&include_mem=false&topic=" + HttpCalls.encode(topic);
        var topics = http.get(broker, path).get("topics").elements();
        for (var found : topics) {
            for (var stats : found.get("channels").elements()) {
                if (stats.get("channel_name").text().equals(channel)) {
                    counts.put(broker, ChannelCounts.read(stats));
                }
            }
        }
        return !topics.isEmpty();
    }

    private Collection<String> producers() throws IOException {
        if (!brokers.isEmpty()) {
            return brokers;
        }
        var found = new TreeSet<String>();
        var failures = new TreeMap<String, String>();
        for (var lookup : lookups) {
            try {
                found.addAll(http.producers(lookup, topic, "http_port"));
            } catch (IOException failure) {
                failures.put(lookup, String.valueOf(failure.getMessage()));
            }
        }
        if (failures.size() == lookups.size()) {
            throw new IOException("failed to get topic producers - " + String.join(", ", failures.values()));
        }
        return found;
    }
}
