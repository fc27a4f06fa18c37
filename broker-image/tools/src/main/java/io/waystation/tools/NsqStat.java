package io.waystation.tools;

import io.waystation.client.HttpCalls;
import io.waystation.daemon.Option;
import io.waystation.daemon.Options;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// `nsq_stat`: one channel's rates and counts, summed over all brokers, line by line.
public final class NsqStat {
    private static final Option<String> TOPIC = Option.string("topic", "", "topic to look at");
    private static final Option<String> CHANNEL = Option.string("channel", "", "channel to look at");
    private static final Option<List<String>> NSQD_HTTP_ADDRESS =
            Option.strings("nsqd-http-address", "host:port of a broker; may be given several times");
    private static final Option<Duration> INTERVAL =
            Option.duration("interval", "2s", "time between lines").alias("status-every");
    private static final Option<Long> COUNT =
            Option.number("count", 0, 0, Long.MAX_VALUE, "end after so many lines (0: go on)");
    private static final int HEADER_EVERY = 25;

    /// The sums of one round.
    private record Totals(
            long depth,
            long backend,
            long inFlight,
            long deferred,
            long requeued,
            long timedOut,
            long messages,
            long clients) {}

    private NsqStat() {}

    public static int run(String[] arguments) {
        var options = Options.ofTool(
                "nsq_stat",
                TOPIC,
                CHANNEL,
                NSQD_HTTP_ADDRESS,
                ToolOptions.LOOKUPD_HTTP_ADDRESS,
                INTERVAL,
                COUNT,
                ToolOptions.CONNECT_TIMEOUT,
                ToolOptions.REQUEST_TIMEOUT);
        return Tool.run(options, arguments, NsqStat::watch);
    }

    private static void watch(Settings settings, CountDownLatch stop)
            throws IOException, UsageException, InterruptedException {
        var topic = ToolOptions.require(settings, TOPIC);
        var channel = ToolOptions.require(settings, CHANNEL);
        var brokers = settings.get(NSQD_HTTP_ADDRESS);
        var lookups = settings.get(ToolOptions.LOOKUPD_HTTP_ADDRESS);
        ToolOptions.requireOneKind(brokers, lookups, "nsqd-http-address");
        var interval = settings.get(INTERVAL);
        if (interval.toNanos() <= 0) {
            throw new UsageException(1, "--interval should be positive");
        }
        var http = ToolOptions.http(settings);
        long rows = settings.get(COUNT);
        Totals last = null;
        for (long round = 0; rows == 0 || round <= rows; round++) {
            var totals = totals(http, topic, channel, producers(http, topic, brokers, lookups));
            if (round % HEADER_EVERY == 0) {
                System.out.println(
                        "------rate------+----------------depth----------------+--------------metadata---------------");
                System.out.println(
                        "ingress  egress |   total     mem    disk inflt   def |     req     t-o         msgs clients");
            }
            if (last != null) {
                print(totals, last, interval);
            }
            last = totals;
            if ((rows != 0 && round == rows) || stop.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        }
    }

    private static List<String> producers(HttpCalls http, String topic, List<String> brokers, List<String> lookups)
            throws IOException {
        if (!brokers.isEmpty()) {
            return brokers;
        }
        var found = new TreeSet<String>();
        IOException failure = null;
        int answers = 0;
        for (var lookup : lookups) {
            try {
                found.addAll(http.producers(lookup, topic, "http_port"));
                answers++;
            } catch (IOException problem) {
                failure = problem;
            }
        }
        if (answers == 0 && failure != null) {
            throw new IOException("failed to get topic producers - " + failure.getMessage());
        }
        return new ArrayList<>(found);
    }

    private static Totals totals(HttpCalls http, String topic, String channel, List<String> brokers)
            throws IOException {
        var path = "/stats?format=json&include_clients=false&include_mem=false&topic=" + HttpCalls.encode(topic)
                + "&channel=" + HttpCalls.encode(channel);
        @Nullable Totals sum = null;
        boolean topicFound = false;
        for (var broker : brokers) {
            for (var found : http.get(broker, path).get("topics").elements()) {
                topicFound = true;
                for (var stats : found.get("channels").elements()) {
                    if (stats.get("channel_name").text().equals(channel)) {
                        var one = new Totals(
                                stats.get("depth").number(),
                                stats.get("backend_depth").number(),
                                stats.get("in_flight_count").number(),
                                stats.get("deferred_count").number(),
                                stats.get("requeue_count").number(),
                                stats.get("timeout_count").number(),
                                stats.get("message_count").number(),
                                stats.get("client_count").number());
                        sum = sum == null ? one : plus(sum, one);
                    }
                }
            }
        }
        if (sum == null && !topicFound && brokers.isEmpty()) {
            throw new IOException("failed to get nsqd stats - failed to query any nsqd: ");
        }
        if (sum == null) {
            throw new IOException("failed to find channel(" + channel + ") in stats metadata for topic(" + topic + ")");
        }
        return sum;
    }

    private static Totals plus(Totals a, Totals b) {
        return new Totals(
                a.depth + b.depth,
                a.backend + b.backend,
                a.inFlight + b.inFlight,
                a.deferred + b.deferred,
                a.requeued + b.requeued,
                a.timedOut + b.timedOut,
                a.messages + b.messages,
                a.clients + b.clients);
    }

    private static void print(Totals now, Totals last, Duration interval) {
        double seconds = interval.toNanos() / 1e9;
        long ingress = (long) ((now.messages - last.messages) / seconds);
        long egress = (long) (((now.messages - last.messages) - (now.depth - last.depth)) / seconds);
        System.out.println(String.format(
                Locale.ROOT,
                "%7d %7d | %7d %7d %7d %5d %5d | %7d %7d %12d %7d",
                ingress,
                egress,
                now.depth,
                now.depth - now.backend,
                now.backend,
                now.inFlight,
                now.deferred,
                now.requeued,
                now.timedOut,
                now.messages,
                now.clients));
    }
}
