package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What `kubectl apply` refuses, and what it says.
@ExtendWith(OnKubernetes.class)
class InvalidIT {
    private static final String LONG = "a".repeat(65);

    @ParameterizedTest(name = "{0}")
    @MethodSource("newResources")
    void aResourceThatCannotBeRightIsRefused(String what, String yaml, String message, Kubernetes kubernetes) {
        assertThatThrownBy(() -> kubernetes.apply("default", yaml))
                .as(what)
                .message()
                .contains(message);
    }

    static Stream<Arguments> newResources() {
        var cluster = Yaml.cluster("right", 1, 1);
        return Stream.of(
                Arguments.of(
                        "no brokers",
                        cluster.replace("replicas: 1\n    storage", "replicas: 0\n    storage"),
                        "spec.brokers.replicas: Invalid value: 0: spec.brokers.replicas in body should be greater than or"
                                + " equal to 1"),
                Arguments.of("too many brokers", Yaml.cluster("right", 100, 1), "should be less than or equal to 99"),
                Arguments.of("no lookups", Yaml.cluster("right", 1, 0), "spec.lookup.replicas"),
                Arguments.of("too many lookups", Yaml.cluster("right", 1, 10), "should be less than or equal to 9"),
                Arguments.of(
                        "no storage",
                        cluster.replace("storage: {size: 64Mi}", ""),
                        "spec.brokers.storage: Required value"),
                Arguments.of(
                        "a size without a unit",
                        cluster.replace("size: 64Mi", "size: \"64\""),
                        "spec.brokers.storage.size: Invalid value: \"64\""),
                Arguments.of("a size of nothing", cluster.replace("size: 64Mi", "size: 0Mi"), "\"0Mi\""),
                Arguments.of(
                        "more memory requested than the limit allows",
                        cluster.replace("memory: 64Mi}", "memory: 1Gi}"),
                        "requests.memory must be at most limits.memory"),
                Arguments.of(
                        "a number as text",
                        cluster.replace("replicas: 1\n    storage", "replicas: one\n    storage"),
                        "must be of type integer"),
                Arguments.of(
                        "a field that does not exist",
                        cluster.replace("storage: {size", "storage: {sice: 1, size"),
                        "unknown field \"spec.brokers.storage.sice\""),
                Arguments.of(
                        "a setting that the operator makes",
                        Yaml.cluster("right", 1, 1, "data-path: \"/elsewhere\""),
                        "settings must not contain what the operator sets itself"),
                Arguments.of(
                        "a setting with dashes before it",
                        Yaml.cluster("right", 1, 1, "--msg-timeout: \"1s\""),
                        "settings must have the names of the broker's flags, without dashes before them"),
                Arguments.of(
                        "a setting with a quote in it",
                        Yaml.cluster("right", 1, 1, "log-prefix: 'a\"b'"),
                        "spec.brokers.settings.log-prefix"),
                Arguments.of(
                        "a cluster name that is too long",
                        Yaml.cluster("a".repeat(41), 1, 1),
                        "metadata.name must be of at most 40 lower-case letters, digits and '-', and start with a letter"),
                Arguments.of(
                        "a cluster name with a dot",
                        Yaml.cluster("a.b", 1, 1),
                        "metadata.name must be of at most 40 lower-case letters"),
                Arguments.of(
                        "a topic of no cluster",
                        Yaml.topic("t", "right", "").replace("clusterRef: {name: right}", "paused: true"),
                        "spec.clusterRef: Required value"),
                Arguments.of(
                        "a topic name outside the grammar",
                        Yaml.topic("t", "right", "name: \"a b\""),
                        "spec.name: Invalid value: \"a b\""),
                Arguments.of(
                        "an ephemeral topic",
                        Yaml.topic("t", "right", "name: \"t#ephemeral\""),
                        "spec.name: Invalid value: \"t#ephemeral\""),
                Arguments.of(
                        "a topic name that is too long",
                        Yaml.topic("t", "right", "name: " + LONG),
                        "spec.name: Too long"),
                Arguments.of(
                        "a topic without a name of its own that is too long",
                        Yaml.topic(LONG, "right", ""),
                        "spec.name is needed when metadata.name has more than 64 characters"),
                Arguments.of(
                        "an unknown deletion policy",
                        Yaml.topic("t", "right", "deletionPolicy: Drop"),
                        "spec.deletionPolicy: Unsupported value: \"Drop\": supported values: \"Delete\", \"DeleteIfEmpty\", \"Retain\""),
                Arguments.of(
                        "paused by a word", Yaml.topic("t", "right", "paused: \"perhaps\""), "must be of type boolean"),
                Arguments.of(
                        "a channel of no topic",
                        Yaml.channel("c", "t", "").replace("topicRef: {name: t}", "paused: true"),
                        "spec.topicRef: Required value"),
                Arguments.of("a topicRef without a name", Yaml.channel("c", "\"\"", ""), "spec.topicRef.name"),
                Arguments.of(
                        "a channel name outside the grammar",
                        Yaml.channel("c", "t", "name: \"a/b\""),
                        "spec.name: Invalid value: \"a/b\""),
                Arguments.of(
                        "an unknown start",
                        Yaml.channel("c", "t", "startFrom: Middle"),
                        "supported values: \"Earliest\", \"Latest\""));
    }

    @Test
    void whatCannotChangeIsRefusedAndNothingChanges(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("right", 1, 1) + "---\n" + Yaml.topic("t", "right", "name: tt") + "---\n"
                + Yaml.channel("c", "t", "name: cc, startFrom: Earliest"));

        assertRefused(
                namespace,
                Yaml.cluster("right", 1, 1).replace("64Mi}\n    res", "32Mi}\n    res"),
                "size must not become less");
        assertRefused(
                namespace,
                Yaml.cluster("right", 1, 1).replace("{size: 64Mi}", "{size: 64Mi, storageClassName: other}"),
                "storageClassName is immutable");
        assertRefused(namespace, Yaml.topic("t", "other", "name: tt"), "clusterRef is immutable: make another Topic");
        assertRefused(namespace, Yaml.topic("t", "right", "name: other"), "name is immutable: make another Topic");
        assertRefused(namespace, Yaml.channel("c", "other", "name: cc, startFrom: Earliest"), "topicRef is immutable");
        assertRefused(namespace, Yaml.channel("c", "t", "name: other, startFrom: Earliest"), "name is immutable");
        assertRefused(namespace, Yaml.channel("c", "t", "name: cc, startFrom: Latest"), "startFrom is immutable");

        assertThat(namespace.get(Kind.TOPIC, "t").getMetadata().getGeneration()).isEqualTo(1);
        assertThat(namespace.get(Kind.CHANNEL, "c").getMetadata().getGeneration())
                .isEqualTo(1);
        assertThat(namespace.get(Kind.CLUSTER, "right").getMetadata().getGeneration())
                .isEqualTo(1);
    }

    /// What only a broker knows to be wrong stands in the status, and nothing restarts.
    @Test
    void aSettingThatBrokersRefuseStandsInTheStatus(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("strict", 1, 1));
        namespace.awaitSettled("strict", 1, 1);
        var lives = namespace.lives("broker");

        namespace.apply(Yaml.cluster("strict", 1, 1, "msg-timeout: \"soon\""));
        namespace.kubernetes().operator().restart();
        namespace.awaitCondition(
                Kind.CLUSTER,
                "strict",
                "Stalled",
                stalled ->
                        stalled.is("True", "SpecRefused") && stalled.message().contains("soon"));
        namespace.apply(Yaml.cluster("strict", 1, 1, "no-such-option: \"1\""));
        namespace.awaitCondition(
                Kind.CLUSTER,
                "strict",
                "Stalled",
                stalled ->
                        stalled.is("True", "SpecRefused") && stalled.message().contains("no option no-such-option"));
        namespace.apply(Yaml.cluster("strict", 1, 1));
        namespace.kubernetes().operator().restart();

        namespace.awaitSettled("strict", 1, 1);
        assertThat(namespace.lives("broker")).isEqualTo(lives);
    }

    /// What only the API server knows to be wrong with an object that the operator makes stands in the status, and
    /// nothing
    /// that is somebody else's is touched.
    @Test
    void anObjectThatCannotBeMadeStandsInTheStatus(TestNamespace namespace) throws IOException {
        namespace.apply("""
                apiVersion: v1
                kind: Service
                metadata: {name: taken}
                spec: {selector: {app: mine}, ports: [{port: 80}]}
                """);
        namespace.apply(Yaml.cluster("taken", 1, 1));
        namespace.awaitCondition(
                Kind.CLUSTER,
                "taken",
                "Stalled",
                stalled -> stalled.is("True", "NameTaken") && stalled.message().contains("Service/taken exists"));
        assertThat(namespace.kubectl("get", "service/taken", "-o", "jsonpath={.spec.selector}"))
                .isEqualTo("{\"app\":\"mine\"}");
        namespace.kubectl("create", "quota", "none", "--hard=services=0");
        namespace.kubectl("wait", "--for=jsonpath={.status.hard.services}=0", "--timeout=60s", "quota/none");
        namespace.kubectl("delete", "service/taken");
        namespace.awaitCondition(
                Kind.CLUSTER,
                "taken",
                "Stalled",
                stalled -> stalled.is("True", "ObjectRefused")
                        && stalled.message().startsWith("Service/taken: ")
                        && stalled.message().contains("exceeded quota"));
        namespace.kubectl("delete", "quota/none");

        namespace.awaitSettled("taken", 1, 1);
    }

    private static void assertRefused(TestNamespace namespace, String yaml, String message) {
        assertThatThrownBy(() -> namespace.apply(yaml)).message().contains(message);
    }
}
