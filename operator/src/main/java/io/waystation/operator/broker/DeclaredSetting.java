package io.waystation.operator.broker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One key of the `settings` of a topic or channel with the value that it is to have.
///
/// @param field where the resource says so, for example `retention.time`
/// @param text what the resource says there
/// @param key where the broker's JSON has it, for example `retention.timeMs`
/// @param value a text, a number, or a [Duration], which the broker may spell otherwise
public record DeclaredSetting(String field, String text, String key, Object value) {

    /// Whether these settings of a broker say the same. One that a broker does not know is not as declared.
    public boolean holdsIn(Map<String, Object> settings) {
        Object there = settings;
        for (var name : names()) {
            there = there instanceof Map<?, ?> map ? map.get(name) : null;
        }
        return isSame(there);
    }

    private boolean isSame(@Nullable Object there) {
        return switch (value) {
            case Duration duration ->
                there instanceof String other
                        && GoDuration.parse(other).filter(duration::equals).isPresent();
            case Number number ->
                there instanceof Number other
                        && new BigDecimal(number.toString()).compareTo(new BigDecimal(other.toString())) == 0;
            default -> value.equals(there);
        };
    }

    void addTo(ObjectNode settings) {
        var node = settings;
        var names = names();
        for (var parent : names.subList(0, names.size() - 1)) {
            node = node.withObjectProperty(parent);
        }
        node.putPOJO(names.getLast(), value instanceof Duration duration ? GoDuration.format(duration) : value);
    }

    private List<String> names() {
        return List.of(key.split("\\.", -1));
    }
}
