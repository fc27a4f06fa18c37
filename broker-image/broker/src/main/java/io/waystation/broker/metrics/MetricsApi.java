package io.waystation.broker.metrics;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.net.TcpServer;
import io.waystation.broker.topic.ChannelStats;
import io.waystation.broker.topic.PublishRefusals;
import io.waystation.broker.topic.TopicStats;
import io.waystation.broker.topic.Topics;
import io.waystation.broker.topic.Volume;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.HttpReply;
import io.waystation.daemon.HttpRequest;
import io.waystation.daemon.metrics.DaemonFigures;
import io.waystation.daemon.metrics.Exposition;
import io.waystation.daemon.metrics.ExpositionFormat;
import io.waystation.daemon.metrics.Histogram;
import io.waystation.wire.ProtocolError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// `GET /metrics`. Whoever owns a figure copies it out when the page is asked for: loops on their own thread, one small
/// task a topic; nothing is kept here but who has series of its own,
/// which is chosen under a lock, so this is safe from any thread.
public final class MetricsApi {
    /// Who is asked.
    ///
    /// @param version our own release
    public record Sources(
            Topics topics,
            TcpServer server,
            List<Loop> loops,
            Volume volume,
            DiskWaits disk,
            Path dataPath,
            HttpApi http,
            String version) {}

    private final Sources sources;
    private final SeriesLimit.Rows topicRows;
    private final SeriesLimit.Rows channelRows;

    public MetricsApi(Sources sources, int maxSeries) {
        this.sources = sources;
        var limit = new SeriesLimit(maxSeries);
        this.topicRows = limit.new Rows(1, BrokerMetric.TOPIC_COUNTERS.size(), BrokerMetric.TOPIC_GAUGES.size());
        this.channelRows = limit.new Rows(2, BrokerMetric.CHANNEL_COUNTERS.size(), BrokerMetric.CHANNEL_GAUGES.size());
    }

    public void addTo(HttpApi api) {
        api.largeRoute("GET", "/metrics", 0, this::page);
    }

    private HttpReply page(HttpRequest request) {
        var format = ExpositionFormat.accepted(request.accept());
        return HttpReply.streamed(format.contentType(), body -> write(new Exposition(format, body)));
    }

    private void write(Exposition page) throws IOException {
        var shown = limit(sources.topics.walk(sources.topics.all(), false));
        writeBroker(page, shown);
        writeTraffic(page);
        writeLoops(page);
        writeDisk(page);
        write(page, shown.topics, BrokerMetric.TOPIC_COUNTERS, BrokerMetric.TOPIC_GAUGES);
        write(page, shown.channels, BrokerMetric.CHANNEL_COUNTERS, BrokerMetric.CHANNEL_GAUGES);
        writeLatencies(page, BrokerMetric.TOPIC_LATENCY, shown.topics);
        writeLatencies(page, BrokerMetric.CHANNEL_LATENCY, shown.channels);
        DaemonFigures.write(page, sources.http.replies());
        page.end();
    }

    private record Shown(
            List<Row> topics,
            List<Row> channels,
            int topicCount,
            int channelCount,
            int summedTopics,
            int summedChannels) {}

    private Shown limit(Iterator<TopicStats> topics) {
        var topicsNow = new ArrayList<Row>();
        var channelsNow = new ArrayList<Row>();
        while (topics.hasNext()) {
            var topic = topics.next();
            topicsNow.add(row(topic));
            for (var channel : topic.channels()) {
                channelsNow.add(row(topic, channel));
            }
        }
        return limit(topicsNow, channelsNow);
    }

    /// One page at a time, since they share who is shown; the loops have answered already.
    private synchronized Shown limit(List<Row> topics, List<Row> channels) {
        var topicsShown = topicRows.limit(topics);
        var channelsShown = channelRows.limit(channels);
        return new Shown(
                topicsShown,
                channelsShown,
                topics.size(),
                channels.size(),
                topicRows.summedCount(),
                channelRows.summedCount());
    }

    /// In the order of [BrokerMetric#TOPIC_COUNTERS] and [BrokerMetric#TOPIC_GAUGES].
    private static Row row(TopicStats topic) {
        return new Row(
                List.of(topic.name()),
                new long[] {topic.messageCount(), topic.messageBytes(), topic.duplicateCount(), topic.deletedCount()},
                new long[] {
                    topic.depth(), topic.deferredCount(), topic.sizeBytes(), topic.segmentCount(), flag(topic.paused())
                },
                RowLatency.of(topic));
    }

    /// In the order of [BrokerMetric#CHANNEL_COUNTERS] and [BrokerMetric#CHANNEL_GAUGES].
    private static Row row(TopicStats topic, ChannelStats channel) {
        return new Row(
                List.of(topic.name(), channel.name()),
                new long[] {
                    channel.deliveryCount(),
                    channel.finishCount(),
                    channel.requeueCount(),
                    channel.timeoutCount(),
                    channel.expiredCount(),
                    channel.deadLetterCount(),
                    channel.droppedCount(),
                    channel.deletedCount()
                },
                new long[] {
                    channel.depth(),
                    channel.inFlightCount(),
                    channel.deferredCount(),
                    channel.clientCount(),
                    flag(channel.paused()),
                    flag(channel.stall() != null)
                },
                RowLatency.of(channel));
    }

    private static long flag(boolean set) {
        return set ? 1 : 0;
    }

    private void writeBroker(Exposition page, Shown shown) {
        page.family(BrokerMetric.BUILD.family()).sample(1, sources.version);
        page.family(BrokerMetric.HEALTHY.family()).sample(flag(sources.volume.failure() == null));
        page.family(BrokerMetric.CORDONED.family()).sample(flag(sources.volume.isCordoned()));
        page.family(BrokerMetric.TOPICS.family()).sample(shown.topicCount);
        page.family(BrokerMetric.DAMAGED.family())
                .sample(sources.topics.damaged().size());
        page.family(BrokerMetric.CHANNELS.family()).sample(shown.channelCount);
        page.family(BrokerMetric.CREATIONS_REFUSED.family())
                .sample(sources.topics.quota().refusedTopicCount(), "topic")
                .sample(sources.topics.quota().refusedChannelCount(), "channel");
        page.family(BrokerMetric.SUMMED.family())
                .sample(shown.summedTopics, "topic")
                .sample(shown.summedChannels, "channel");
    }

    private void writeTraffic(Exposition page) {
        var traffic = sources.server.traffic();
        page.family(BrokerMetric.CONNECTIONS.family()).sample(sources.server.connectionCount());
        page.family(BrokerMetric.OPENED.family()).sample(traffic.openedCount());
        page.family(BrokerMetric.TURNED_AWAY.family()).sample(traffic.refusedCount());
        page.family(BrokerMetric.RECEIVED.family()).sample(traffic.receivedBytes());
        page.family(BrokerMetric.SENT.family()).sample(traffic.sentBytes());
        page.family(BrokerMetric.ERRORS.family());
        for (var error : ProtocolError.values()) {
            page.sample(traffic.errorCount(error), error.name());
        }
        var memory = sources.server.memoryUse();
        page.family(BrokerMetric.REFUSED.family());
        for (var reason : PublishRefusals.Reason.values()) {
            page.sample(sources.topics.refusals().of(reason), reason.text());
        }
        page.family(BrokerMetric.INPUT_HELD.family()).sample(memory.inputBytes());
        page.family(BrokerMetric.INPUT_WAITING.family()).sample(memory.waitingCount());
        page.family(BrokerMetric.INPUT_STALLS.family()).sample(memory.stallCount());
        page.family(BrokerMetric.INPUT_CLOSED.family()).sample(memory.closedCount());
        page.family(BrokerMetric.OUTPUT_HELD.family()).sample(memory.outputBytes());
        page.family(BrokerMetric.HANDSHAKES.family()).sample(memory.handshakeCount());
        page.family(BrokerMetric.HANDSHAKES_WAITING.family()).sample(memory.handshakeWaitingCount());
        page.family(BrokerMetric.AUTH_WAITING.family()).sample(memory.authWaitingCount());
        page.family(BrokerMetric.AUTH_GIVEN_UP.family()).sample(memory.authGivenUpCount());
    }

    private void writeLoops(Exposition page) {
        var answers = new ArrayList<CompletableFuture<Histogram>>();
        for (var loop : sources.loops) {
            answers.add(loop.call(loop::passes));
        }
        page.family(BrokerMetric.PASSES.family());
        for (int i = 0; i < answers.size(); i++) {
            page.histogram(answers.get(i).join(), Integer.toString(i));
        }
    }

    private void writeDisk(Exposition page) throws IOException {
        page.family(BrokerMetric.DISK_WRITES.family()).histogram(sources.disk.writes());
        page.family(BrokerMetric.DISK_READS.family()).histogram(sources.disk.reads());
        page.family(BrokerMetric.DISK_SYNCS.family()).histogram(sources.disk.syncs());
        page.family(BrokerMetric.DISK_FAILURES.family()).sample(sources.disk.failureCount());
        var volume = Files.getFileStore(sources.dataPath);
        page.family(BrokerMetric.VOLUME_SIZE.family()).sample(volume.getTotalSpace());
        page.family(BrokerMetric.VOLUME_FREE.family()).sample(volume.getUsableSpace());
    }

    private static void writeLatencies(Exposition page, BrokerMetric metric, List<Row> rows) {
        page.family(metric.family());
        for (var row : rows) {
            row.latency().write(page, row.labels().toArray(String[]::new));
        }
    }

    private static void write(Exposition page, List<Row> rows, List<BrokerMetric> counters, List<BrokerMetric> gauges) {
        for (int i = 0; i < counters.size(); i++) {
            page.family(counters.get(i).family());
            for (var row : rows) {
                page.sample(row.counters()[i], row.labels().toArray(String[]::new));
            }
        }
        for (int i = 0; i < gauges.size(); i++) {
            page.family(gauges.get(i).family());
            for (var row : rows) {
                page.sample(row.gauges()[i], row.labels().toArray(String[]::new));
            }
        }
    }
}
