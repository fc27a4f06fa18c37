package io.waystation.broker.statsd;

import io.waystation.broker.topic.ChannelStats;
import io.waystation.broker.topic.LatencyStats;
import io.waystation.broker.topic.TopicStats;
import io.waystation.wire.Names;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The lines of one push after the other. Gauges are sent as they are, counters as what came since the last push; the
/// first push sends all. Confined to the thread that pushes.
///
/// Of counters it remembers those of the last push only, so as many as there are topics and channels.
final class StatsdReport {
    private static final String GC_RUNS = "gc_total_runs";
    private static final BigDecimal PERCENT = BigDecimal.valueOf(100);

    private final StatsdSettings settings;
    private Map<String, Long> lastCounters = Map.of();
    private Map<String, Long> counters = new HashMap<>();
    private final List<String> lines = new ArrayList<>();

    StatsdReport(StatsdSettings settings) {
        this.settings = settings;
    }

    /// @param memory by nsqd's names; left out when the settings say so
    List<String> lines(List<TopicStats> topics, Map<String, Long> memory) {
        lines.clear();
        counters = new HashMap<>();
        for (var topic : topics) {
            if (!isLeftOut(topic.name())) {
                topic(topic);
            }
        }
        if (settings.withMemory()) {
            memory(memory);
        }
        lastCounters = counters;
        return List.copyOf(lines);
    }

    private boolean isLeftOut(String name) {
        return settings.withoutEphemeral() && Names.isEphemeral(name);
    }

    private void topic(TopicStats topic) {
        var name = "topic." + topic.name();
        counter(name + ".message_count", topic.messageCount());
        counter(name + ".message_bytes", topic.messageBytes());
        gauge(name + ".depth", topic.depth());
        gauge(name + ".backend_depth", topic.depth());
        latencies(name, topic.latency());
        for (var channel : topic.channels()) {
            if (!isLeftOut(channel.name())) {
                channel(name + ".channel." + channel.name(), channel);
            }
        }
    }

    private void channel(String name, ChannelStats channel) {
        counter(name + ".message_count", channel.messageCount());
        gauge(name + ".depth", channel.depth());
        gauge(name + ".backend_depth", channel.depth());
        gauge(name + ".in_flight_count", channel.inFlightCount());
        gauge(name + ".deferred_count", channel.deferredCount());
        counter(name + ".requeue_count", channel.requeueCount());
        counter(name + ".timeout_count", channel.timeoutCount());
        gauge(name + ".clients", channel.clientCount());
        latencies(name, channel.latency());
    }

    /// The name holds whole percents, so 0.999 and 1 collide, as they do with nsqd.
    private void latencies(String name, LatencyStats latency) {
        for (var percentile : latency.percentiles()) {
            var percent =
                    BigDecimal.valueOf(percentile.quantile()).multiply(PERCENT).setScale(0, RoundingMode.HALF_EVEN);
            gauge(name + ".e2e_processing_latency_" + percent.toPlainString(), percentile.valueNs());
        }
    }

    private void memory(Map<String, Long> memory) {
        memory.forEach((name, value) -> {
            if (name.equals(GC_RUNS)) {
                counter("mem.gc_runs", value);
            } else {
                gauge("mem." + name, value);
            }
        });
    }

    private void gauge(String name, long value) {
        lines.add(settings.prefix() + name + ":" + value + "|g\n");
    }

    private void counter(String name, long total) {
        counters.put(name, total);
        long last = lastCounters.getOrDefault(name, 0L);
        // A smaller one is that of a topic or channel that was deleted and made anew.
        lines.add(settings.prefix() + name + ":" + (total < last ? total : total - last) + "|c\n");
    }

    /// The lines in packets, none of them cut.
    static List<byte[]> packets(List<String> lines, int packetBytes) {
        var packets = new ArrayList<byte[]>();
        var packet = new ByteArrayOutputStream();
        for (var line : lines) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            if (packet.size() > 0 && packet.size() + bytes.length > packetBytes) {
                packets.add(packet.toByteArray());
                packet.reset();
            }
            packet.writeBytes(bytes);
        }
        if (packet.size() > 0) {
            packets.add(packet.toByteArray());
        }
        return packets;
    }
}
