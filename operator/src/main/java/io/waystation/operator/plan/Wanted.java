package io.waystation.operator.plan;

import io.waystation.operator.api.ChannelSpec;
import io.waystation.operator.api.TopicSpec;
import io.waystation.operator.broker.DeclaredSetting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a resource says of its topic or channel on every broker. What it does not say is left as it is.
public record Wanted(@Nullable Boolean paused, List<DeclaredSetting> settings) {
    public static Wanted of(TopicSpec spec) {
        return new Wanted(spec.paused(), SpecSettings.of(spec));
    }

    public static Wanted of(ChannelSpec spec) {
        return new Wanted(spec.paused(), SpecSettings.of(spec));
    }

    /// What is otherwise on a broker, each with what it is to be: `paused is true`.
    public List<String> differences(OnBroker.Present present) {
        return otherwise(present).entrySet().stream()
                .map(difference -> difference.getKey() + " is " + difference.getValue())
                .toList();
    }

    /// The fields that are otherwise on a broker.
    List<String> differingFields(OnBroker.Present present) {
        return List.copyOf(otherwise(present).keySet());
    }

    private Map<String, String> otherwise(OnBroker.Present present) {
        var differences = new LinkedHashMap<String, String>();
        if (paused != null && paused != present.paused()) {
            differences.put("paused", String.valueOf(paused));
        }
        for (var setting : settings) {
            if (!setting.holdsIn(present.settings())) {
                differences.put(setting.field(), setting.text());
            }
        }
        return differences;
    }

    /// What a broker's answer to a declaration says. A broker bounds some values by its own flags instead of refusing
    /// them: declared again and again they would never be there.
    public OnBroker afterDeclaring(OnBroker.Present answer) {
        var missed = differences(answer);
        return missed.isEmpty()
                ? answer
                : new OnBroker.Refused("it has other values than " + String.join(", ", missed)
                        + " (expected: at most what its flags allow; see the settings of the MessageCluster)");
    }
}
