package io.waystation.operator.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// What is different between two lists of Kubernetes objects, field by field.
final class Differences {
    private static final String ABSENT = "(absent)";
    private final ObjectMapper json = new ObjectMapper();

    /// By kind and name, then by field; the values are those of `objects`.
    Map<String, Object> between(List<? extends HasMetadata> base, List<? extends HasMetadata> objects) {
        var before = byName(base);
        var after = byName(objects);
        var names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        var differences = new TreeMap<String, Object>();
        for (var name : names) {
            if (!after.containsKey(name)) {
                differences.put(name, ABSENT);
                continue;
            }
            var fields = fields(before.getOrDefault(name, Map.of()), after.getOrDefault(name, Map.of()));
            if (!fields.isEmpty()) {
                differences.put(name, fields);
            }
        }
        return differences;
    }

    private static Map<String, String> fields(Map<String, String> before, Map<String, String> after) {
        var paths = new TreeSet<>(before.keySet());
        paths.addAll(after.keySet());
        var fields = new TreeMap<String, String>();
        for (var path : paths) {
            var value = after.getOrDefault(path, ABSENT);
            if (!value.equals(before.get(path))) {
                fields.put(path, value);
            }
        }
        return fields;
    }

    private Map<String, Map<String, String>> byName(List<? extends HasMetadata> objects) {
        var byName = new TreeMap<String, Map<String, String>>();
        for (var object : objects) {
            var fields = new TreeMap<String, String>();
            flatten("", json.valueToTree(object), fields);
            byName.put(object.getKind() + "/" + object.getMetadata().getName(), fields);
        }
        return byName;
    }

    private static void flatten(String path, JsonNode node, Map<String, String> fields) {
        if (node.isObject()) {
            node.properties()
                    .forEach(field -> flatten(
                            path.isEmpty() ? field.getKey() : path + "." + field.getKey(), field.getValue(), fields));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                flatten(path + "[" + i + "]", node.get(i), fields);
            }
        } else {
            fields.put(path, node.asText());
        }
    }
}
