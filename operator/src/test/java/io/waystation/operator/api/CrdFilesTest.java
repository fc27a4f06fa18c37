package io.waystation.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CrdFilesTest {
    private static final Path DIRECTORY = Path.of(System.getProperty("crds.directory", "../crds"));
    private static final String REWRITE = "rewrite it with: mvn -pl operator -am test -Dcrds.update";

    private static final List<Class<? extends HasMetadata>> KINDS =
            List.of(MessageCluster.class, Topic.class, Channel.class);

    @Test
    void checkedInFilesAreThoseOfTheClasses() throws IOException {
        var files = Crds.generate(KINDS);
        if (System.getProperty("crds.update") != null) {
            for (var file : files.entrySet()) {
                Files.writeString(DIRECTORY.resolve(file.getKey()), file.getValue());
            }
        }
        assertThat(yamlFiles()).as("files in crds/").isEqualTo(files.keySet());
        for (var file : files.entrySet()) {
            assertThat(DIRECTORY.resolve(file.getKey()))
                    .as("crds/%s differs from the classes; %s", file.getKey(), REWRITE)
                    .hasContent(file.getValue());
        }
    }

    @Test
    void everyListIsAMapOrASet() {
        var atomic = new TreeSet<String>();

        for (var crd : crds()) {
            walk(crd.getSpec().getNames().getKind(), schema(crd), (path, node) -> {
                if ("array".equals(node.getType()) && node.getXKubernetesListType() == null) {
                    atomic.add(path);
                }
            });
        }

        assertThat(atomic).isEmpty();
    }

    @Test
    void everyStringListAndMapIsBounded() {
        var unbounded = new TreeSet<String>();

        for (var crd : crds()) {
            walk(crd.getSpec().getNames().getKind(), schema(crd), (path, node) -> {
                if ("string".equals(node.getType()) && node.getEnum().isEmpty() && node.getMaxLength() == null) {
                    unbounded.add(path);
                }
                if ("array".equals(node.getType()) && node.getMaxItems() == null) {
                    unbounded.add(path);
                }
                if (node.getAdditionalProperties() != null && node.getMaxProperties() == null) {
                    unbounded.add(path);
                }
            });
        }

        assertThat(unbounded).isEmpty();
    }

    @Test
    void everyRuleHasAMessage() {
        var mute = new TreeSet<String>();

        for (var crd : crds()) {
            walk(crd.getSpec().getNames().getKind(), schema(crd), (path, node) -> {
                for (var rule : node.getXKubernetesValidations()) {
                    if (rule.getMessage() == null || rule.getMessage().isBlank()) {
                        mute.add(path + ": " + rule.getRule());
                    }
                }
            });
        }

        assertThat(mute).isEmpty();
    }

    @Test
    void nothingInAListHasADefault() {
        var defaults = new TreeSet<String>();

        for (var crd : crds()) {
            walk(crd.getSpec().getNames().getKind(), schema(crd), (path, node) -> {
                if (path.contains("[]") && node.getDefault() != null) {
                    defaults.add(path);
                }
            });
        }

        assertThat(defaults).isEmpty();
    }

    @Test
    void noUnknownFieldIsKept() {
        var keeping = new TreeSet<String>();

        for (var crd : crds()) {
            walk(crd.getSpec().getNames().getKind(), schema(crd), (path, node) -> {
                if (node.getXKubernetesPreserveUnknownFields() != null) {
                    keeping.add(path);
                }
            });
        }

        assertThat(keeping).isEmpty();
    }

    @Test
    void kubectlShowsWhatPeopleLookFor() {
        assertThat(columns("MessageCluster"))
                .containsExactly("Ready", "Brokers", "Lookup", "Version", "Operation", "Age", "Reason+", "Degraded+");
        assertThat(columns("Topic"))
                .containsExactly(
                        "Cluster", "Topic", "Ready", "Reason", "Age", "Unfinished+", "Size+", "Flush+", "Policy+");
        assertThat(columns("Channel"))
                .containsExactly(
                        "Cluster",
                        "Topic",
                        "Channel",
                        "Ready",
                        "Age",
                        "Reason+",
                        "Depth+",
                        "InFlight+",
                        "Consumers+",
                        "Delivery+");
    }

    /// In their order; those that only `-o wide` shows have a plus.
    private static List<String> columns(String kind) {
        return crd(kind).getSpec().getVersions().getFirst().getAdditionalPrinterColumns().stream()
                .map(column -> column.getName() + (column.getPriority() != null && column.getPriority() > 0 ? "+" : ""))
                .toList();
    }

    @Test
    void everyKindHasItsShortNameAndCategory() {
        assertThat(names("MessageCluster")).containsExactly("wmc", "waystation", "all");
        assertThat(names("Topic")).containsExactly("wt", "waystation");
        assertThat(names("Channel")).containsExactly("wch", "waystation");
    }

    private static List<String> names(String kind) {
        var names = crd(kind).getSpec().getNames();
        return Stream.concat(names.getShortNames().stream(), names.getCategories().stream())
                .toList();
    }

    @Test
    void kubectlScaleWorksOnTheNumberOfBrokers() {
        var scale = crd("MessageCluster")
                .getSpec()
                .getVersions()
                .getFirst()
                .getSubresources()
                .getScale();

        assertThat(scale.getSpecReplicasPath()).isEqualTo(".spec.brokers.replicas");
        assertThat(scale.getStatusReplicasPath()).isEqualTo(".status.replicas");
        assertThat(scale.getLabelSelectorPath()).isEqualTo(".status.selector");
    }

    private static CustomResourceDefinition crd(String kind) {
        return crds().stream()
                .filter(crd -> crd.getSpec().getNames().getKind().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aFileStaysBelowWhatKubectlApplyCanKeep() {
        for (var file : Crds.generate(KINDS).values()) {
            assertThat(file.length()).isLessThan(250_000);
        }
    }

    @Test
    void aResourceThatNobodyHasSeenIsNotCurrent() {
        for (var crd : crds()) {
            var status = property(crd, "status");

            assertThat(status.getDefault()).hasToString("{\"observedGeneration\":-1}");
        }
    }

    private static List<CustomResourceDefinition> crds() {
        return Crds.generate(KINDS).values().stream()
                .map(file -> Serialization.unmarshal(file, CustomResourceDefinition.class))
                .toList();
    }

    private static JSONSchemaProps schema(CustomResourceDefinition crd) {
        return crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
    }

    private static JSONSchemaProps property(CustomResourceDefinition crd, String name) {
        return Objects.requireNonNull(schema(crd).getProperties().get(name));
    }

    private static void walk(String path, JSONSchemaProps node, BiConsumer<String, JSONSchemaProps> visitor) {
        visitor.accept(path, node);
        if (node.getProperties() != null) {
            node.getProperties().forEach((name, child) -> walk(path + "." + name, child, visitor));
        }
        if (node.getItems() != null) {
            walk(path + "[]", node.getItems().getSchema(), visitor);
        }
        if (node.getAdditionalProperties() != null
                && node.getAdditionalProperties().getSchema() != null) {
            walk(path + "{}", node.getAdditionalProperties().getSchema(), visitor);
        }
    }

    private static Set<String> yamlFiles() throws IOException {
        var names = new TreeSet<String>();
        try (var directory = Files.newDirectoryStream(DIRECTORY, "*.yaml")) {
            directory.forEach(file -> names.add(file.getFileName().toString()));
        }
        return names;
    }
}
