package io.waystation.daemon;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// One method on one pattern of paths, such as `/config/:opt`. Immutable.
///
/// @param large its answers may be large, so few are made at once
/// @param deprecatedFor the path to use instead, when this one is an old name
record HttpRoute(
        String method,
        List<String> segments,
        IntSupplier maxBodyBytes,
        HttpHandler handler,
        boolean large,
        @Nullable String deprecatedFor) {

    static List<String> split(String path) {
        return List.of(path.split("/", -1));
    }

    /// The values of the pattern's parameters, none of them empty; null when the path is another.
    @Nullable Map<String, String> match(List<String> path) {
        if (path.size() != segments.size()) {
            return null;
        }
        Map<String, String> parameters = new HashMap<>();
        for (int i = 0; i < path.size(); i++) {
            var segment = segments.get(i);
            if (segment.startsWith(":")) {
                if (path.get(i).isEmpty()) {
                    return null;
                }
                parameters.put(segment.substring(1), path.get(i));
            } else if (!segment.equals(path.get(i))) {
                return null;
            }
        }
        return parameters;
    }

    /// The path with this pattern's own letters; null when it differs by more than their case.
    @Nullable String spelled(List<String> path) {
        if (path.size() != segments.size()) {
            return null;
        }
        var spelled = new StringBuilder();
        for (int i = 0; i < path.size(); i++) {
            var segment = segments.get(i);
            boolean parameter = segment.startsWith(":");
            if (!parameter && !segment.equalsIgnoreCase(path.get(i))) {
                return null;
            }
            spelled.append(i == 0 ? "" : "/").append(parameter ? path.get(i) : segment);
        }
        return spelled.toString();
    }
}
