package io.waystation.operator.plan;

import io.waystation.operator.broker.Owner;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A topic or channel on a broker, as the folders of cases write it: `state` is the name of an [OnBroker].
record GoldenBroker(
        @Nullable String address,
        String state,
        @Nullable Owner owner,
        boolean paused,
        @Nullable Map<String, Object> settings,
        long unfinished,
        long sizeBytes,
        long depth,
        long inFlight,
        long deferred,
        long consumers,
        @Nullable String why) {

    static List<BrokerView> views(Map<String, GoldenBroker> brokers) {
        return new TreeMap<>(brokers)
                .entrySet().stream()
                        .map(broker -> new BrokerView(
                                broker.getKey(),
                                broker.getValue().address(),
                                broker.getValue().onBroker()))
                        .toList();
    }

    private OnBroker onBroker() {
        return switch (state) {
            case "Present" ->
                new OnBroker.Present(
                        owner,
                        paused,
                        Objects.requireNonNullElse(settings, Map.of()),
                        new Figures(unfinished, sizeBytes, depth, inFlight, deferred, consumers));
            case "NotEmpty" -> new OnBroker.NotEmpty(unfinished);
            case "Absent" -> new OnBroker.Absent();
            case "TopicAbsent" -> new OnBroker.TopicAbsent();
            case "Cordoned" -> new OnBroker.Cordoned();
            case "NotReady" -> new OnBroker.NotReady();
            case "Silent" -> new OnBroker.Silent(Objects.requireNonNull(why));
            case "Refused" -> new OnBroker.Refused(Objects.requireNonNull(why));
            default -> throw new IllegalArgumentException("state: " + state + " (expected: the name of an OnBroker)");
        };
    }
}
