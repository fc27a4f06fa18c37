package io.waystation.operator.plan;

import io.waystation.operator.broker.BrokerDrain;
import io.waystation.operator.broker.BrokerSetting;
import io.waystation.operator.broker.BrokerState;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a decision needs to know of a broker: its pod, and what it answered, or why there is no answer.
public record BrokerFacts(
        PodFacts pod, @Nullable Report report, @Nullable String silence) {

    /// What a broker answered; `drain` only when it is cordoned.
    public record Report(
            BrokerState info,
            List<BrokerSetting> settings,
            @Nullable BrokerDrain drain) {
        Optional<BrokerSetting> setting(String name) {
            return settings.stream()
                    .filter(setting -> setting.name().equals(name))
                    .findFirst();
        }
    }

    String name() {
        return pod.name();
    }

    int ordinal() {
        return pod.ordinal();
    }

    boolean isCordoned() {
        return report != null && report.info().cordoned();
    }
}
