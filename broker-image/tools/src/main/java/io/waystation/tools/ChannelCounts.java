package io.waystation.tools;

import io.waystation.client.JsonValue;
import java.util.Locale;
import java.util.Map;

/// One channel's figures of one broker, or summed over several; see nsqd's `/stats`. Immutable.
record ChannelCounts(
        long depth,
        long backendDepth,
        long inFlight,
        long deferred,
        long requeued,
        long timedOut,
        long messages,
        long clients) {
    static final String HEADER = """
            ------rate------+----------------depth----------------+--------------metadata---------------
            ingress  egress |   total     mem    disk inflt   def |     req     t-o         msgs clients""";

    private static final ChannelCounts NONE = new ChannelCounts(0, 0, 0, 0, 0, 0, 0, 0);

    static ChannelCounts read(JsonValue channel) {
        return new ChannelCounts(
                channel.get("depth").number(),
                channel.get("backend_depth").number(),
                channel.get("in_flight_count").number(),
                channel.get("deferred_count").number(),
                channel.get("requeue_count").number(),
                channel.get("timeout_count").number(),
                channel.get("message_count").number(),
                channel.get("client_count").number());
    }

    private ChannelCounts plus(ChannelCounts other) {
        return new ChannelCounts(
                depth + other.depth,
                backendDepth + other.backendDepth,
                inFlight + other.inFlight,
                deferred + other.deferred,
                requeued + other.requeued,
                timedOut + other.timedOut,
                messages + other.messages,
                clients + other.clients);
    }

    /// The line of one round. Rates are of brokers that answered in both rounds: one that comes, goes or begins
    /// anew has no rate.
    static String row(Map<String, ChannelCounts> last, Map<String, ChannelCounts> now, double seconds) {
        var sum = NONE;
        long in = 0;
        long out = 0;
        for (var broker : now.entrySet()) {
            var counts = broker.getValue();
            sum = sum.plus(counts);
            var before = last.get(broker.getKey());
            if (before != null && before.messages <= counts.messages) {
                long messages = counts.messages - before.messages;
                in += messages;
                out += messages - (counts.depth - before.depth);
            }
        }
        return String.format(
                Locale.ROOT,
                "%7d %7d | %7d %7d %7d %5d %5d | %7d %7d %12d %7d",
                (long) (in / seconds),
                (long) (out / seconds),
                sum.depth,
                sum.depth - sum.backendDepth,
                sum.backendDepth,
                sum.inFlight,
                sum.deferred,
                sum.requeued,
                sum.timedOut,
                sum.messages,
                sum.clients);
    }
}
