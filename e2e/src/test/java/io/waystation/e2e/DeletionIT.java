package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Deletion of everything, in several orders, with the operator restarted in the middle: it ends, and it
/// removes what it was told to, and nothing more.
@ExtendWith(OnKubernetes.class)
class DeletionIT {
    static final Duration LIMIT = Duration.ofSeconds(60);

    @Test
    void aDeletedTopicLeavesOnTheBrokersWhatItsPolicySays(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("hold", 1, 1)
                + everything("keep", "hold", "Retain")
                + everything("drop", "hold", "Delete")
                + everything("wait", "hold", "DeleteIfEmpty"));
        for (var topic : List.of("keep", "drop", "wait")) {
            namespace.awaitReady(Kind.CHANNEL, topic + "-c");
            publish(namespace, "hold-broker-0", topic);
        }

        for (var topic : List.of("keep", "drop", "wait")) {
            namespace.delete(Kind.TOPIC, topic);
        }
        namespace.kubernetes().operator().restart();
        awaitGone(namespace, Kind.TOPIC, "keep");
        awaitGone(namespace, Kind.TOPIC, "drop");
        namespace.awaitCondition(Kind.TOPIC, "wait", "Ready", ready -> ready.is("False", "NotEmpty"));
        assertThat(unfinished(namespace, "hold-broker-0", "keep")).contains("\"unfinished\":3,");
        assertThat(namespace.refusal("GET", "hold-broker-0", 4151, "/waystation/v1/topics/drop", null))
                .contains("Not Found");
        assertThat(unfinished(namespace, "hold-broker-0", "wait")).contains("\"unfinished\":3,");
        namespace.http("POST", "hold-broker-0", 4151, "/channel/empty?topic=wait&channel=c", null);
        awaitGone(namespace, Kind.TOPIC, "wait");
        assertThat(namespace.refusal("GET", "hold-broker-0", 4151, "/waystation/v1/topics/wait", null))
                .contains("Not Found");
        for (var topic : List.of("keep", "drop", "wait")) {
            namespace.delete(Kind.CHANNEL, topic + "-c");
            awaitGone(namespace, Kind.CHANNEL, topic + "-c");
        }

        String clusterId = namespace.get(Kind.CLUSTER, "hold").get("status", "clusterId");
        namespace.delete(Kind.CLUSTER, "hold");
        namespace.kubernetes().operator().restart();
        awaitNoPods(namespace);
        namespace.apply(Yaml.cluster("hold", 1, 1));
        namespace.awaitSettled("hold", 1, 1);
        assertThat(namespace.get(Kind.CLUSTER, "hold").<String>get("status", "clusterId"))
                .isEqualTo(clusterId);
        assertThat(unfinished(namespace, "hold-broker-0", "keep")).contains("\"unfinished\":3,");
    }

    @Test
    void everythingGoesInWhicheverOrder(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("first", 1, 1) + everything("f", "first", "Delete"));
        namespace.apply(Yaml.cluster("last", 1, 1) + everything("l", "last", "Delete"));
        namespace.apply(Yaml.cluster("mid", 1, 1) + everything("m", "mid", "DeleteIfEmpty"));
        for (var topic : List.of("f", "l", "m")) {
            namespace.awaitReady(Kind.CHANNEL, topic + "-c");
        }
        publish(namespace, "first-broker-0", "f");
        publish(namespace, "mid-broker-0", "m");

        namespace.delete(Kind.CLUSTER, "first");
        namespace.delete(Kind.TOPIC, "f");
        namespace.delete(Kind.CHANNEL, "f-c");
        namespace.delete(Kind.TOPIC, "l");
        namespace.kubernetes().operator().restart();
        awaitGone(namespace, Kind.TOPIC, "l");
        namespace.delete(Kind.CHANNEL, "l-c");
        awaitGone(namespace, Kind.CHANNEL, "l-c");
        namespace.delete(Kind.CLUSTER, "last");
        namespace.delete(Kind.CHANNEL, "m-c");
        namespace.delete(Kind.TOPIC, "m");
        namespace.awaitCondition(Kind.TOPIC, "m", "Ready", ready -> ready.is("False", "NotEmpty"));
        namespace.delete(Kind.CLUSTER, "mid");
        namespace.kubernetes().operator().restart();

        for (var topic : List.of("f", "m")) {
            awaitGone(namespace, Kind.TOPIC, topic);
            awaitGone(namespace, Kind.CHANNEL, topic + "-c");
        }
        awaitNoPods(namespace);
        assertThat(namespace
                        .client()
                        .persistentVolumeClaims()
                        .inNamespace(namespace.name())
                        .list()
                        .getItems())
                .extracting(claim -> claim.getMetadata().getName())
                .containsExactlyInAnyOrder("data-first-broker-0", "data-last-broker-0", "data-mid-broker-0");
    }

    @Test
    void aNamespaceGoesWithAllThatIsInIt(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("inside", 1, 1)
                + everything("t", "inside", "Delete")
                + everything("full", "inside", "DeleteIfEmpty"));
        namespace.awaitReady(Kind.CHANNEL, "t-c");
        namespace.awaitReady(Kind.CHANNEL, "full-c");
        publish(namespace, "inside-broker-0", "full");

        namespace.delete();
        namespace.kubernetes().operator().restart();

        awaitNamespaceGone(namespace);
    }

    /// A topic and its channel `c`, of this deletion policy.
    static String everything(String topic, String cluster, String policy) {
        return "---\n" + Yaml.topic(topic, cluster, "deletionPolicy: " + policy) + "---\n"
                + Yaml.channel(topic + "-c", topic, "name: c, deletionPolicy: " + policy);
    }

    static void publish(TestNamespace namespace, String broker, String topic) {
        for (int i = 0; i < 3; i++) {
            namespace.http("POST", broker, 4151, "/pub?topic=" + topic, "kept");
        }
    }

    static String unfinished(TestNamespace namespace, String broker, String topic) {
        return namespace.http("GET", broker, 4151, "/waystation/v1/topics/" + topic, null);
    }

    static void awaitGone(TestNamespace namespace, Kind kind, String name) {
        Await.until(
                kind.plural() + "/" + name + " in " + namespace.name() + " is gone",
                LIMIT,
                () -> isGone(namespace, kind, name),
                gone -> gone);
    }

    private static boolean isGone(TestNamespace namespace, Kind kind, String name) {
        try {
            return namespace.find(kind, name) == null;
        } catch (KubernetesClientException refused) {
            return refused.getCode() == 404;
        }
    }

    static void awaitNoPods(TestNamespace namespace) {
        Await.until(
                "no pod is left in " + namespace.name(),
                LIMIT,
                () -> namespace.client().pods().inNamespace(namespace.name()).list().getItems().stream()
                        .map(pod -> pod.getMetadata().getName())
                        .toList(),
                List::isEmpty);
    }

    static void awaitNamespaceGone(TestNamespace namespace) {
        Await.until(
                "namespace " + namespace.name() + " is gone",
                LIMIT,
                () -> namespace.client().namespaces().withName(namespace.name()).get() == null,
                gone -> gone);
    }
}
