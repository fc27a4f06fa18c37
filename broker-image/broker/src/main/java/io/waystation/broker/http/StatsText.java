package io.waystation.broker.http;

import io.waystation.broker.topic.ChannelStats;
import io.waystation.broker.topic.ClientStats;
import io.waystation.broker.topic.LatencyStats;
import io.waystation.broker.topic.TopicStats;
import java.io.IOException;
import java.io.Writer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Locale;
import java.util.stream.Collectors;

/// `/stats` as text for people, in nsqd's columns.
final class StatsText {
    private static final long NANOS_PER_US = 1_000;
    private static final long NANOS_PER_MS = 1_000_000;
    private static final long NANOS_PER_S = 1_000_000_000;

    private final Writer text;
    private final BrokerStats stats;
    private final Instant now;

    StatsText(Writer text, BrokerStats stats, Instant now) {
        this.text = text;
        this.stats = stats;
        this.now = now;
    }

    void write() throws IOException {
        var start = Instant.ofEpochSecond(stats.startSeconds());
        line(String.format(
                Locale.ROOT,
                "nsqd v%s (built w/java%s)",
                BrokerStats.NSQD_VERSION,
                Runtime.version().feature()));
        line(String.format(Locale.ROOT, "start_time %s", start));
        line(String.format(Locale.ROOT, "uptime %s", duration(Duration.between(start, now))));
        line("");
        line(String.format(Locale.ROOT, "Health: %s", stats.health()));
        if (stats.withMemory()) {
            line("");
            line("Memory:");
            for (var figure : MemoryStats.read().figures().entrySet()) {
                line(String.format(Locale.ROOT, "   %-25s\t%d", figure.getKey(), figure.getValue()));
            }
        }
        topics();
        producers();
        damaged();
    }

    private void topics() throws IOException {
        var topics = stats.topics();
        line("");
        if (topics == null || !topics.hasNext()) {
            line("Topics: None");
            return;
        }
        text.append("Topics:");
        while (topics.hasNext()) {
            line("");
            topic(topics.next());
        }
    }

    private void topic(TopicStats topic) throws IOException {
        line(String.format(
                Locale.ROOT,
                "%s[%-15s] depth: %-5d be-depth: %-5d msgs: %-8d e2e%%: %s",
                topic.paused() ? "*P " : "   ",
                topic.name(),
                topic.depth(),
                topic.depth(),
                topic.messageCount(),
                latency(topic.latency())));
        for (var channel : topic.channels()) {
            channel(channel);
        }
    }

    private void channel(ChannelStats channel) throws IOException {
        line(String.format(
                Locale.ROOT,
                "%s[%-25s] depth: %-5d be-depth: %-5d inflt: %-4d def: %-4d re-q: %-5d timeout: %-5d msgs: %-8d e2e%%:"
                        + " %s",
                channel.paused() ? "   *P " : "      ",
                channel.name(),
                channel.depth(),
                channel.depth(),
                channel.inFlightCount(),
                channel.deferredCount(),
                channel.requeueCount(),
                channel.timeoutCount(),
                channel.messageCount(),
                latency(channel.latency())));
        for (var client : channel.clients()) {
            line("        " + client(client));
        }
    }

    /// A client that has published is shown as a producer, also among a channel's consumers.
    private String client(ClientStats client) {
        if (!client.publishCounts().isEmpty()) {
            return producer(client);
        }
        return String.format(
                Locale.ROOT,
                "[V2 %-21s] state: %d inflt: %-4d rdy: %-4d fin: %-8d re-q: %-8d msgs: %-8d connected: %s",
                name(client),
                client.state(),
                client.inFlightCount(),
                client.readyCount(),
                client.finishCount(),
                client.requeueCount(),
                client.messageCount(),
                connected(client));
    }

    private String producer(ClientStats client) {
        var topics = new ArrayList<String>();
        long messages = 0;
        for (var published : client.publishCounts().entrySet()) {
            topics.add(published.getKey() + "=" + published.getValue());
            messages += published.getValue();
        }
        return String.format(
                Locale.ROOT,
                "[V2 %-21s] msgs: %-8d topics: %s connected: %s",
                name(client),
                messages,
                String.join(",", topics),
                connected(client));
    }

    private void producers() throws IOException {
        var producers = stats.producers();
        line("");
        if (producers == null || !producers.hasNext()) {
            line("Producers: None");
            return;
        }
        line("Producers:");
        while (producers.hasNext()) {
            line("   " + producer(producers.next()));
        }
    }

    private void damaged() throws IOException {
        if (stats.damaged().isEmpty()) {
            return;
        }
        line("");
        line("Damaged topics, out of service:");
        for (var topic : stats.damaged().entrySet()) {
            line(String.format(Locale.ROOT, "   [%-15s] %s", topic.getKey(), topic.getValue()));
        }
    }

    private static String latency(LatencyStats latency) {
        return latency.percentiles().stream()
                .map(percentile -> human(percentile.valueNs()))
                .collect(Collectors.joining(", "));
    }

    /// As nsqd prints a time: `980.0us`, `1.2ms`, `6.6s`. Units begin above their own size, so 1 ms is `1000.0us`.
    static String human(long valueNs) {
        double value = valueNs;
        String unit = "ns";
        if (valueNs > NANOS_PER_S) {
            value /= NANOS_PER_S;
            unit = "s";
        } else if (valueNs > NANOS_PER_MS) {
            value /= NANOS_PER_MS;
            unit = "ms";
        } else if (valueNs > NANOS_PER_US) {
            value /= NANOS_PER_US;
            unit = "us";
        }
        return String.format(Locale.ROOT, "%.1f%s", value, unit);
    }

    private static String name(ClientStats client) {
        // On a unix socket there is no port.
        int colon = client.remoteAddress().lastIndexOf(':');
        var port = colon < 0 ? ":" : client.remoteAddress().substring(colon);
        return client.hostname() + port + " " + client.userAgent();
    }

    private String connected(ClientStats client) {
        var connected = Duration.between(Instant.ofEpochSecond(client.connectSeconds()), now);
        return duration(Duration.ofSeconds(connected.toSeconds()));
    }

    /// As Go prints it, to the second below: `2m27s`, `5.25s`.
    private static String duration(Duration duration) {
        var seconds = duration.isNegative() ? Duration.ZERO : duration;
        var print = new StringBuilder();
        if (seconds.toHours() > 0) {
            print.append(seconds.toHours()).append('h');
        }
        if (seconds.toMinutes() > 0) {
            print.append(seconds.toMinutesPart()).append('m');
        }
        print.append(seconds.toSecondsPart());
        if (seconds.toMillisPart() > 0) {
            print.append('.').append(String.format(Locale.ROOT, "%03d", seconds.toMillisPart()));
        }
        return print.append('s').toString();
    }

    private void line(String content) throws IOException {
        text.append(content).append('\n');
    }
}
