package io.waystation.operator.plan;

import io.waystation.operator.broker.BrokerChannel;
import io.waystation.operator.broker.BrokerTopic;
import org.jspecify.annotations.Nullable;

/// Counts of a topic or channel, of one broker or summed over several.
public record Figures(long unfinished, long sizeBytes, long depth, long inFlight, long deferred, long consumers) {
    public static final Figures ZERO = new Figures(0, 0, 0, 0, 0, 0);

    public static Figures of(BrokerTopic topic) {
        return new Figures(topic.unfinished(), topic.sizeBytes(), 0, 0, 0, 0);
    }

    public static Figures of(BrokerChannel channel) {
        return new Figures(
                channel.unfinished(), 0, channel.depth(), channel.inFlight(), channel.deferred(), channel.consumers());
    }

    Figures plus(Figures other) {
        return new Figures(
                unfinished + other.unfinished,
                sizeBytes + other.sizeBytes,
                depth + other.depth,
                inFlight + other.inFlight,
                deferred + other.deferred,
                consumers + other.consumers);
    }

    /// The number for a status: the one before, unless the difference is more than a tenth or one of them is zero.
    static long about(@Nullable Long before, long now) {
        if (before == null || before == 0 || now == 0) {
            return now;
        }
        return Math.abs(now - before) > before / 10 ? now : before;
    }
}
