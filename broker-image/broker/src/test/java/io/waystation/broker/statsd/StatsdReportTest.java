package io.waystation.broker.statsd;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.ChannelStats;
import io.waystation.broker.topic.LatencyStats;
import io.waystation.broker.topic.NearbyStats;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.TopicStats;
import io.waystation.channel.ChannelSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatsdReportTest {
    private static final LatencyStats LATENCY = new LatencyStats(
            3, List.of(new LatencyStats.Percentile(0.999, 7_000_000), new LatencyStats.Percentile(0.95, 2_000_000)));
    private static final LatencyStats NO_LATENCY = new LatencyStats(0, List.of());

    private static final TopicSettings SETTINGS =
            new TopicSettings(TopicSettings.Flush.OS, TopicSettings.Retention.CONSUMED, 0, 1, 0);

    private static StatsdSettings settings(boolean withMemory, boolean withoutEphemeral) {
        return new StatsdSettings("127.0.0.1:1", "p.", Duration.ofSeconds(1), 508, withMemory, withoutEphemeral);
    }

    private static ChannelStats channel(String name, long messages, LatencyStats latency) {
        return new ChannelStats(
                name,
                4,
                2,
                1,
                messages,
                0,
                NearbyStats.NONE,
                0,
                6,
                7,
                0,
                0,
                0,
                0,
                ChannelSettings.DEFAULT,
                null,
                false,
                0,
                0,
                0,
                null,
                8,
                List.of(),
                latency,
                0,
                0);
    }

    private static TopicStats topic(String name, long messages, LatencyStats latency, ChannelStats... channels) {
        return new TopicStats(
                name,
                3,
                messages,
                messages * 10,
                false,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                null,
                SETTINGS,
                List.of(channels),
                latency);
    }

    @Test
    void everyFigureHasNsqdsNameAndType() {
        var report = new StatsdReport(settings(true, false));

        var lines = report.lines(
                List.of(topic("t", 5, LATENCY, channel("c", 9, LATENCY))),
                Map.of("heap_in_use_bytes", 11L, "gc_total_runs", 2L));

        assertThat(lines)
                .containsExactlyInAnyOrder(
                        "p.topic.t.message_count:5|c\n",
                        "p.topic.t.message_bytes:50|c\n",
                        "p.topic.t.depth:3|g\n",
                        "p.topic.t.backend_depth:3|g\n",
                        "p.topic.t.e2e_processing_latency_100:7000000|g\n",
                        "p.topic.t.e2e_processing_latency_95:2000000|g\n",
                        "p.topic.t.channel.c.message_count:9|c\n",
                        "p.topic.t.channel.c.depth:4|g\n",
                        "p.topic.t.channel.c.backend_depth:4|g\n",
                        "p.topic.t.channel.c.in_flight_count:2|g\n",
                        "p.topic.t.channel.c.deferred_count:1|g\n",
                        "p.topic.t.channel.c.requeue_count:6|c\n",
                        "p.topic.t.channel.c.timeout_count:7|c\n",
                        "p.topic.t.channel.c.clients:8|g\n",
                        "p.topic.t.channel.c.e2e_processing_latency_100:7000000|g\n",
                        "p.topic.t.channel.c.e2e_processing_latency_95:2000000|g\n",
                        "p.mem.heap_in_use_bytes:11|g\n",
                        "p.mem.gc_runs:2|c\n");
    }

    @Test
    void countersAreDifferencesAndBeginAnewWithATopic() {
        var report = new StatsdReport(settings(false, false));
        report.lines(List.of(topic("t", 5, NO_LATENCY), topic("again", 5, NO_LATENCY)), Map.of());

        var lines = report.lines(List.of(topic("t", 8, NO_LATENCY), topic("again", 2, NO_LATENCY)), Map.of());

        assertThat(lines)
                .contains("p.topic.t.message_count:3|c\n", "p.topic.again.message_count:2|c\n")
                .noneMatch(line -> line.contains(".mem."));
    }

    @Test
    void ephemeralOnesAreLeftOutWhenAskedFor() {
        var topics = List.of(
                topic("e#ephemeral", 1, NO_LATENCY, channel("c", 1, NO_LATENCY)),
                topic("t", 1, NO_LATENCY, channel("d#ephemeral", 1, NO_LATENCY)));

        var without = new StatsdReport(settings(false, true)).lines(topics, Map.of());
        var with = new StatsdReport(settings(false, false)).lines(topics, Map.of());

        assertThat(without).hasSize(4).allMatch(line -> line.startsWith("p.topic.t."));
        assertThat(with).contains("p.topic.t.channel.d#ephemeral.depth:4|g\n", "p.topic.e#ephemeral.depth:3|g\n");
    }

    @Test
    void packetsHoldWholeLines() {
        var lines = List.of("12345678\n", "12345678\n", "1234567890123456789012345\n", "1\n");

        var packets = StatsdReport.packets(lines, 18).stream()
                .map(packet -> new String(packet, StandardCharsets.UTF_8))
                .toList();

        assertThat(packets).containsExactly("12345678\n12345678\n", "1234567890123456789012345\n", "1\n");
    }

    @ParameterizedTest
    @CsvSource({
        "nsq.%s, 10.0.0.1, nsq.10_0_0_1_4151.",
        "nsq.%s., a.b, nsq.a_b_4151.",
        "plain, a, plain.",
        "%s.%s, h, h_4151.h_4151.",
        "%s, ::1, [__1]_4151.",
        "'', h, ''"
    })
    void thePrefixNamesTheBroker(String option, String address, String prefix) {
        assertThat(StatsdSettings.prefix(option, address, 4151)).isEqualTo(prefix);
    }
}
