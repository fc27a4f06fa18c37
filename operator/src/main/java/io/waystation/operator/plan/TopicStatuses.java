package io.waystation.operator.plan;

import io.waystation.operator.api.ChannelStatus;
import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.Correction;
import io.waystation.operator.api.TopicReason;
import io.waystation.operator.api.TopicStatus;
import io.waystation.operator.plan.DeclarationFacts.Place;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The status of Topics and Channels. Numbers stay as they are while no broker can be asked.
public final class TopicStatuses {
    private TopicStatuses() {}

    public static TopicStatus topic(
            TopicStatus before,
            long generation,
            Place place,
            List<Condition> conditions,
            List<Correction> corrections,
            String topic,
            List<BrokerView> brokers) {
        var sum = sum(brokers);
        return new TopicStatus(
                observed(place, before.observedGeneration(), generation),
                conditions,
                corrections,
                place.identity() == null ? before.clusterId() : place.identity(),
                topic,
                sum == null ? before.unfinished() : about(before.unfinished(), sum.unfinished()),
                sum == null ? before.sizeBytes() : about(before.sizeBytes(), sum.sizeBytes()));
    }

    public static ChannelStatus channel(
            ChannelStatus before,
            long generation,
            Place place,
            List<Condition> conditions,
            List<Correction> corrections,
            @Nullable String cluster,
            @Nullable String topic,
            String channel,
            List<BrokerView> brokers) {
        var sum = sum(brokers);
        return new ChannelStatus(
                observed(place, before.observedGeneration(), generation),
                conditions,
                corrections,
                place.identity() == null ? before.clusterId() : place.identity(),
                cluster == null ? before.cluster() : cluster,
                topic == null ? before.topic() : topic,
                channel,
                sum == null ? before.depth() : about(before.depth(), sum.depth()),
                sum == null ? before.inFlight() : about(before.inFlight(), sum.inFlight()),
                sum == null ? before.deferred() : about(before.deferred(), sum.deferred()),
                sum == null ? before.consumers() : about(before.consumers(), sum.consumers()));
    }

    /// While it is paused a new generation is not acted upon.
    private static @Nullable Long observed(Place place, @Nullable Long before, long generation) {
        return place instanceof Place.Paused ? before : Long.valueOf(generation);
    }

    /// The conditions of a resource that is being deleted and has to wait.
    public static List<Condition> deleting(
            List<Condition> before, long generation, Instant now, TopicReason reason, String message) {
        var conditions = new Conditions(before, generation, now);
        conditions.set(ConditionType.Ready, false, reason, message);
        return conditions.list();
    }

    private static Long about(@Nullable Long before, long now) {
        return Figures.about(before, now);
    }

    private static @Nullable Figures sum(List<BrokerView> brokers) {
        Figures sum = null;
        for (var view : brokers) {
            if (view.state() instanceof OnBroker.Present present) {
                sum = present.figures().plus(sum == null ? Figures.ZERO : sum);
            }
        }
        return sum;
    }
}
