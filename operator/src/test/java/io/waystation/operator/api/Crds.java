package io.waystation.operator.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// Turns the resource classes into CRD files.
final class Crds {
    private Crds() {}

    /// File name to content, for example `messageclusters.waystation.io.yaml`.
    static Map<String, String> generate(List<Class<? extends HasMetadata>> types) {
        var output = new Memory();
        new CRDGenerator()
                .customResourceClasses(types)
                .forCRDVersions("v1")
                .withParallelGenerationEnabled(false)
                .withMinQuotes(true)
                .withPostProcessor(new Finish(types))
                .withOutput(output)
                .detailedGenerate();
        return output.files();
    }

    /// What the generator cannot say: a required spec, a status that nobody has written yet, what lists are keyed by,
    /// how long they and the strings of a status may be, and printer columns in the order in which the class has
    /// them.
    private static final class Finish implements CRDPostProcessor {
        /// Key of the items of each list.
        private static final Map<String, String> LIST_KEYS =
                Map.of("conditions", "type", "brokers", "id", "endpoints", "name", "corrections", "name");

        private static final Set<String> SETS = Set.of("pendingRestartKeys");

        private static final Map<String, List<String>> REQUIRED_IN_ITEMS = Map.of(
                "conditions", List.of("type", "status", "lastTransitionTime", "reason", "message"),
                "brokers", List.of("id"),
                "endpoints", List.of("name"),
                "corrections", List.of("name"));

        private static final long STATUS_CHARS = 1024;
        private static final long ITEMS = 128;

        private final Map<String, List<String>> columns = new HashMap<>();

        Finish(List<Class<? extends HasMetadata>> types) {
            for (var type : types) {
                var names = Arrays.stream(type.getAnnotationsByType(AdditionalPrinterColumn.class))
                        .map(AdditionalPrinterColumn::name)
                        .toList();
                columns.put(HasMetadata.getKind(type), names);
            }
        }

        @Override
        public HasMetadata process(HasMetadata resource, String crdVersion) {
            var crd = (CustomResourceDefinition) resource;
            var order =
                    Objects.requireNonNull(columns.get(crd.getSpec().getNames().getKind()));
            for (var version : crd.getSpec().getVersions()) {
                version.getAdditionalPrinterColumns()
                        .sort(Comparator.comparingInt(column -> order.indexOf(column.getName())));
                var schema = version.getSchema().getOpenAPIV3Schema();
                schema.setRequired(List.of("spec"));
                var status = Objects.requireNonNull(schema.getProperties().get("status"));
                status.setDefault(JsonNodeFactory.instance.objectNode().put("observedGeneration", -1));
                finish(schema);
                boundStatus(status);
            }
            return crd;
        }

        private static void finish(JSONSchemaProps schema) {
            for (var property : schema.getProperties().entrySet()) {
                var name = property.getKey();
                var node = property.getValue();
                if ("array".equals(node.getType()) && LIST_KEYS.containsKey(name)) {
                    node.setXKubernetesListType("map");
                    node.setXKubernetesListMapKeys(List.of(LIST_KEYS.get(name)));
                    node.getItems().getSchema().setRequired(REQUIRED_IN_ITEMS.get(name));
                    node.setMaxItems(ITEMS);
                }
                if ("array".equals(node.getType()) && SETS.contains(name)) {
                    node.setXKubernetesListType("set");
                    node.setMaxItems(ITEMS);
                }
                bound(name, node);
                standOnce(node);
                finish(node);
            }
        }

        /// A rule on a record's component is found at its accessor as well; server-side apply refuses a list with
        /// doubles.
        private static void standOnce(JSONSchemaProps node) {
            var rules = node.getXKubernetesValidations();
            if (rules != null) {
                node.setXKubernetesValidations(rules.stream().distinct().toList());
            }
        }

        private static void boundStatus(JSONSchemaProps node) {
            if ("string".equals(node.getType()) && node.getMaxLength() == null) {
                node.setMaxLength(STATUS_CHARS);
            }
            if (node.getProperties() != null) {
                node.getProperties().values().forEach(Finish::boundStatus);
            }
            if (node.getItems() != null) {
                boundStatus(node.getItems().getSchema());
            }
        }

        /// Annotations on the values of a map have no effect on records. A value stands between quotes in a file.
        private static void bound(String name, JSONSchemaProps map) {
            switch (name) {
                case "requests", "limits" -> values(map).setMaxLength(32L);
                case "settings" -> {
                    values(map).setMaxLength(1024L);
                    values(map).setPattern("^[^\"'\\\\[:cntrl:]]*$");
                }
                default -> {}
            }
        }

        private static JSONSchemaProps values(JSONSchemaProps map) {
            return map.getAdditionalProperties().getSchema();
        }
    }

    private static final class Memory implements CRDGenerator.CRDOutput<OutputStream> {
        private final Map<String, ByteArrayOutputStream> streams = new TreeMap<>();

        @Override
        public OutputStream outputFor(String name) {
            var stream = new ByteArrayOutputStream();
            streams.put(name, stream);
            return stream;
        }

        @Override
        public void close() {}

        Map<String, String> files() {
            var files = new TreeMap<String, String>();
            for (var stream : streams.entrySet()) {
                var fileName = stream.getKey().replaceAll("-v1$", "") + ".yaml";
                files.put(fileName, stream.getValue().toString(StandardCharsets.UTF_8));
            }
            return files;
        }
    }
}
