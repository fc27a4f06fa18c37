package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.Quantity;
import io.waystation.operator.api.ChannelSpec;
import io.waystation.operator.api.Retention;
import io.waystation.operator.api.RetentionPolicy;
import io.waystation.operator.api.TopicSpec;
import io.waystation.operator.broker.DeclaredSetting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The fields of a Topic or Channel as the keys of the brokers' `settings`. Their texts have the form that the
/// resources' schemas demand.
final class SpecSettings {
    private final List<DeclaredSetting> settings = new ArrayList<>();

    private SpecSettings() {}

    static List<DeclaredSetting> of(TopicSpec spec) {
        var declared = new SpecSettings();
        if (spec.durability() != null) {
            declared.add(
                    "durability.flush",
                    "flush",
                    spec.durability().flush(),
                    flush -> flush.name().toLowerCase(Locale.ROOT));
        }
        if (spec.retention() != null) {
            declared.addRetention(spec.retention());
        }
        declared.add("deduplicationWindow", "deduplicationWindowMs", spec.deduplicationWindow(), SpecSettings::millis);
        declared.add("maxMessageSize", "maxMessageBytes", spec.maxMessageSize(), SpecSettings::bytes);
        declared.add("maxDefer", "maxDeferMs", spec.maxDefer(), SpecSettings::millis);
        return List.copyOf(declared.settings);
    }

    static List<DeclaredSetting> of(ChannelSpec spec) {
        var declared = new SpecSettings();
        declared.add("delivery", "delivery", spec.delivery(), Enum::name);
        declared.add("messageTimeout", "messageTimeout", spec.messageTimeout(), SpecSettings::duration);
        declared.add("maxAttempts", "maxAttempts", spec.maxAttempts(), attempts -> attempts);
        declared.add("deadLetterTopic", "deadLetterTopic", spec.deadLetterTopic(), topic -> topic);
        declared.add("timeToLive", "timeToLive", spec.timeToLive(), SpecSettings::duration);
        var backoff = spec.requeueBackoff();
        if (backoff != null) {
            declared.add("requeueBackoff.min", "requeueBackoff.min", backoff.min(), SpecSettings::duration);
            declared.add("requeueBackoff.max", "requeueBackoff.max", backoff.max(), SpecSettings::duration);
            declared.add("requeueBackoff.factor", "requeueBackoff.factor", backoff.factor(), factor -> factor);
        }
        return List.copyOf(declared.settings);
    }

    /// A retention is one thing to the brokers: a bound that is not given is no bound.
    private void addRetention(Retention retention) {
        add("retention.policy", "retention.policy", retention.policy(), RetentionPolicy::name);
        add("retention.time", "retention.timeMs", or(retention.time(), "0s"), SpecSettings::millis);
        add("retention.size", "retention.sizeBytes", or(retention.size(), "0"), SpecSettings::bytes);
    }

    private static String or(@Nullable String text, String absent) {
        return text == null ? absent : text;
    }

    private <T> void add(String field, String key, @Nullable T value, Function<T, Object> form) {
        if (value != null) {
            var said = form.apply(value);
            var text = value instanceof Enum<?> ? said.toString() : value.toString();
            settings.add(new DeclaredSetting(field, text.isEmpty() ? "''" : text, key, said));
        }
    }

    private static Long millis(String text) {
        return duration(text).toMillis();
    }

    /// A number and a unit.
    static Duration duration(String text) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        long number = Long.parseLong(text.substring(0, digits));
        return switch (text.substring(digits)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> throw new IllegalArgumentException("duration: '" + text + "' (expected: such as 90s or 7d)");
        };
    }

    private static Long bytes(String text) {
        return Quantity.parse(text).getNumericalAmount().longValueExact();
    }
}
