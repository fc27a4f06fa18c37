package io.waystation.daemon;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// One method on one pattern of paths, such as `/config/:opt`. Immutable.
///
/// @param deprecatedFor the path to use instead, when this one is an old name
record HttpRoute(
        String method,
        List<String> segments,
        IntSupplier maxBodyBytes,
        HttpHandler handler,
        @Nullable String deprecatedFor) {

    static List<String> split(String path) {
        return List.of(path.split("/", -1));
    }

    /// The values of the pattern's parameters; null when the path is another.
    @Nullable Map<String, String> match(List<String> path) {
        if (path.size() != segments.size()) {
            return null;
        }
        Map<String, String> parameters = Map.of();
        for (int i = 0; i < path.size(); i++) {
            var segment = segments.get(i);
            if (segment.startsWith(":")) {
                if (parameters.isEmpty()) {
                    parameters = new HashMap<>();
                }
                parameters.put(segment.substring(1), path.get(i));
            } else if (!segment.equals(path.get(i))) {
                return null;
            }
        }
        return parameters;
    }
}
