package io.waystation.broker.metrics;

import static io.waystation.daemon.metrics.MetricFamily.Kind.COUNTER;
import static io.waystation.daemon.metrics.MetricFamily.Kind.GAUGE;
import static io.waystation.daemon.metrics.MetricFamily.Kind.HISTOGRAM;
import static io.waystation.daemon.metrics.MetricFamily.Kind.SUMMARY;
import static io.waystation.daemon.metrics.MetricFamily.Unit.BYTES;
import static io.waystation.daemon.metrics.MetricFamily.Unit.NONE;
import static io.waystation.daemon.metrics.MetricFamily.Unit.SECONDS;

import io.waystation.daemon.metrics.MetricFamily;
import io.waystation.daemon.metrics.MetricFamily.Kind;
import io.waystation.daemon.metrics.MetricFamily.Unit;
import java.util.Arrays;
import java.util.List;

/// The broker's metrics in the order of the page; `docs/metrics.md` of this module shows them as a table. Counters
/// start at 0 with the process.
enum BrokerMetric {
    BUILD(GAUGE, NONE, "waystation_build_info", "Always 1; the label tells the release.", "version"),
    HEALTHY(GAUGE, NONE, "waystation_healthy", "1 while the volume takes writes, 0 after one has failed."),
    CORDONED(GAUGE, NONE, "waystation_cordoned", "1 while all publishes are refused because the broker is drained."),
    TOPICS(GAUGE, NONE, "waystation_topics", "Topics on this broker."),
    DAMAGED(
            GAUGE,
            NONE,
            "waystation_topics_damaged",
            "Topics out of service because their files are damaged or cannot be opened."),
    CHANNELS(GAUGE, NONE, "waystation_channels", "Channels on this broker."),
    CREATIONS_REFUSED(
            COUNTER,
            NONE,
            "waystation_creations_refused_total",
            "Topics and channels not made, because --max-topics, --max-topic-channels or --max-channels is reached.",
            "kind"),
    SUMMED(
            GAUGE,
            NONE,
            "waystation_metrics_summed",
            "Topics and channels without series of their own, because --metrics-max-series is reached.",
            "kind"),
    CONNECTIONS(GAUGE, NONE, "waystation_connections", "Connections of NSQ's protocol."),
    OPENED(COUNTER, NONE, "waystation_connections_opened_total", "Connections that were accepted."),
    TURNED_AWAY(
            COUNTER,
            NONE,
            "waystation_connections_refused_total",
            "Connections closed at once, because --max-connections is reached."),
    RECEIVED(COUNTER, BYTES, "waystation_received_bytes_total", "Bytes of NSQ's protocol from clients."),
    SENT(COUNTER, BYTES, "waystation_sent_bytes_total", "Bytes of NSQ's protocol to clients."),
    ERRORS(COUNTER, NONE, "waystation_protocol_errors_total", "Errors that clients were answered.", "code"),
    REFUSED(
            COUNTER,
            NONE,
            "waystation_publishes_refused_total",
            "Publishes that were refused, by TCP or HTTP; a batch counts once.",
            "reason"),
    INPUT_HELD(
            GAUGE,
            BYTES,
            "waystation_input_held_bytes",
            "Bytes of unfinished commands and of publishes on their way to a topic; --max-connection-memory bounds them."),
    INPUT_WAITING(
            GAUGE,
            NONE,
            "waystation_input_waiting",
            "Connections that are read no further until there is room for that."),
    INPUT_STALLS(COUNTER, NONE, "waystation_input_stalls_total", "How often a connection had to wait for that."),
    INPUT_CLOSED(
            COUNTER,
            NONE,
            "waystation_input_closed_total",
            "Connections closed because it was their turn and they did not go on with their unfinished command."),
    OUTPUT_HELD(
            GAUGE,
            BYTES,
            "waystation_output_held_bytes",
            "Bytes that clients have not taken; --max-connection-memory bounds them likewise."),
    HANDSHAKES(
            GAUGE, NONE, "waystation_tls_handshakes", "TLS handshakes under way; --max-connection-memory bounds them."),
    HANDSHAKES_WAITING(
            GAUGE,
            NONE,
            "waystation_tls_handshakes_waiting",
            "Connections whose TLS handshake waits for one of these to end."),
    AUTH_WAITING(
            GAUGE,
            NONE,
            "waystation_auth_waiting",
            "Connections whose question waits, since 64 are under way at auth servers."),
    AUTH_GIVEN_UP(
            COUNTER,
            NONE,
            "waystation_auth_given_up_total",
            "Questions answered with E_AUTH_FAILED unasked: they waited too long, or secrets reached --max-connection-memory."),
    PASSES(
            HISTOGRAM,
            SECONDS,
            "waystation_loop_pass_seconds",
            "Passes of an event loop, from what woke it to the last answer; nobody else is served meanwhile.",
            "loop"),
    DISK_WRITES(HISTOGRAM, SECONDS, "waystation_disk_write_seconds", "Writes to the logs, each of a whole pass."),
    DISK_READS(HISTOGRAM, SECONDS, "waystation_disk_read_seconds", "Reads of what is no longer in memory."),
    DISK_SYNCS(HISTOGRAM, SECONDS, "waystation_disk_sync_seconds", "Waits until what was written is on the disk."),
    DISK_FAILURES(COUNTER, NONE, "waystation_disk_failures_total", "Writes, reads and syncs that failed."),
    VOLUME_SIZE(GAUGE, BYTES, "waystation_volume_size_bytes", "Size of the volume that holds the data."),
    VOLUME_FREE(GAUGE, BYTES, "waystation_volume_free_bytes", "What is left of it for this process."),

    TOPIC_PUBLISHED(
            COUNTER, NONE, "waystation_topic_messages_published_total", "Messages taken, deferred ones too.", "topic"),
    TOPIC_BYTES(COUNTER, BYTES, "waystation_topic_published_bytes_total", "Bytes of these messages.", "topic"),
    TOPIC_DUPLICATES(
            COUNTER,
            NONE,
            "waystation_topic_duplicates_total",
            "Publishes that were acknowledged and not stored, because their key came before.",
            "topic"),
    TOPIC_DELETED(
            COUNTER,
            NONE,
            "waystation_topic_messages_deleted_total",
            "Messages that retention deleted before any channel had them.",
            "topic"),
    TOPIC_DEPTH(
            GAUGE,
            NONE,
            "waystation_topic_depth",
            "Messages that wait for a first channel or the end of a pause.",
            "topic"),
    TOPIC_DEFERRED(GAUGE, NONE, "waystation_topic_deferred", "Deferred publishes that are not due.", "topic"),
    TOPIC_SIZE(GAUGE, BYTES, "waystation_topic_log_bytes", "Size of the log's segments.", "topic"),
    TOPIC_SEGMENTS(GAUGE, NONE, "waystation_topic_log_segments", "Segments of the log.", "topic"),
    TOPIC_PAUSED(GAUGE, NONE, "waystation_topic_paused", "1 while the topic is paused.", "topic"),

    CHANNEL_DELIVERED(
            COUNTER,
            NONE,
            "waystation_channel_messages_delivered_total",
            "Messages pushed to consumers, each redelivery too.",
            "topic",
            "channel"),
    CHANNEL_FINISHED(
            COUNTER,
            NONE,
            "waystation_channel_messages_finished_total",
            "Messages finished by FIN.",
            "topic",
            "channel"),
    CHANNEL_REQUEUED(
            COUNTER,
            NONE,
            "waystation_channel_messages_requeued_total",
            "Messages given back by REQ.",
            "topic",
            "channel"),
    CHANNEL_TIMED_OUT(
            COUNTER,
            NONE,
            "waystation_channel_messages_timed_out_total",
            "Messages that were not answered within their timeout.",
            "topic",
            "channel"),
    CHANNEL_EXPIRED(
            COUNTER,
            NONE,
            "waystation_channel_messages_expired_total",
            "Messages given up because they were too old.",
            "topic",
            "channel"),
    CHANNEL_DEAD_LETTERS(
            COUNTER,
            NONE,
            "waystation_channel_dead_letters_total",
            "Messages stored in the dead-letter topic.",
            "topic",
            "channel"),
    CHANNEL_DROPPED(
            COUNTER,
            NONE,
            "waystation_channel_messages_dropped_total",
            "Messages given up that no dead-letter topic got.",
            "topic",
            "channel"),
    CHANNEL_DELETED(
            COUNTER,
            NONE,
            "waystation_channel_messages_deleted_total",
            "Messages that retention deleted before the channel had finished them.",
            "topic",
            "channel"),
    CHANNEL_DEPTH(GAUGE, NONE, "waystation_channel_depth", "Messages that wait for a consumer.", "topic", "channel"),
    CHANNEL_IN_FLIGHT(
            GAUGE, NONE, "waystation_channel_in_flight", "Messages with consumers, unanswered.", "topic", "channel"),
    CHANNEL_DEFERRED(
            GAUGE,
            NONE,
            "waystation_channel_deferred",
            "Requeued and deferred messages that are not due.",
            "topic",
            "channel"),
    CHANNEL_CONSUMERS(GAUGE, NONE, "waystation_channel_consumers", "Consumers.", "topic", "channel"),
    CHANNEL_PAUSED(GAUGE, NONE, "waystation_channel_paused", "1 while the channel is paused.", "topic", "channel"),
    CHANNEL_STALLED(
            GAUGE,
            NONE,
            "waystation_channel_stalled",
            "1 while nothing new is delivered, for a reason that its settings tell.",
            "topic",
            "channel"),

    TOPIC_LATENCY(
            SUMMARY,
            SECONDS,
            "waystation_topic_processing_latency_seconds",
            "Time from publish to FIN over the window, all channels together; quantiles alone.",
            "topic"),
    CHANNEL_LATENCY(
            SUMMARY,
            SECONDS,
            "waystation_channel_processing_latency_seconds",
            "Time from publish to FIN: quantiles over the window, sum and count since the start.",
            "topic",
            "channel");

    /// What a row of a topic holds, counters first.
    static final List<BrokerMetric> TOPIC_COUNTERS =
            List.of(TOPIC_PUBLISHED, TOPIC_BYTES, TOPIC_DUPLICATES, TOPIC_DELETED);

    static final List<BrokerMetric> TOPIC_GAUGES =
            List.of(TOPIC_DEPTH, TOPIC_DEFERRED, TOPIC_SIZE, TOPIC_SEGMENTS, TOPIC_PAUSED);
    /// What a row of a channel holds.
    static final List<BrokerMetric> CHANNEL_COUNTERS = List.of(
            CHANNEL_DELIVERED,
            CHANNEL_FINISHED,
            CHANNEL_REQUEUED,
            CHANNEL_TIMED_OUT,
            CHANNEL_EXPIRED,
            CHANNEL_DEAD_LETTERS,
            CHANNEL_DROPPED,
            CHANNEL_DELETED);

    static final List<BrokerMetric> CHANNEL_GAUGES = List.of(
            CHANNEL_DEPTH, CHANNEL_IN_FLIGHT, CHANNEL_DEFERRED, CHANNEL_CONSUMERS, CHANNEL_PAUSED, CHANNEL_STALLED);

    @SuppressWarnings("ImmutableEnumChecker") // a record, and its list is a copy
    private final MetricFamily family;

    BrokerMetric(Kind kind, Unit unit, String name, String help, String... labels) {
        this.family = MetricFamily.of(kind, unit, name, help, labels);
    }

    MetricFamily family() {
        return family;
    }

    /// All of them, in the order of the page.
    static List<MetricFamily> families() {
        return Arrays.stream(values()).map(BrokerMetric::family).toList();
    }
}
