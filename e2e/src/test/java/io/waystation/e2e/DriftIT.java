package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What someone changes by hand comes back; and where nothing is to be done, nothing is written.
@ExtendWith(OnKubernetes.class)
class DriftIT {
    private static final String BUDGET = "steady-broker";

    @Test
    void whatWasChangedByHandComesBackAndNothingElseIsWritten(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("steady", 2, 1, "msg-timeout: \"90s\", max-bytes-per-file: \"1048576\"") + "---\n"
                + Yaml.topic("t", "steady", "paused: true") + "---\n"
                + Yaml.channel("c", "t", "paused: false"));
        namespace.awaitReady(Kind.CHANNEL, "c");
        namespace.awaitSettled("steady", 2, 1);

        for (int broker = 0; broker < 2; broker++) {
            namespace.http("POST", "steady-broker-" + broker, 4151, "/topic/unpause?topic=t", null);
        }
        namespace.http("POST", "steady-broker-1", 4151, "/channel/pause?topic=t&channel=c", null);
        awaitOnBrokers(namespace);
        awaitDrifted(namespace, Kind.TOPIC, "t");
        awaitDrifted(namespace, Kind.CHANNEL, "c");
        namespace.http("POST", "steady-broker-1", 4151, "/topic/delete?topic=t", null);
        awaitOnBrokers(namespace);
        var ended = namespace.lives("broker").get("steady-broker-1");
        editObjects(namespace);
        Await.until(
                "the broker that was taken away by hand comes back",
                TestNamespace.READY_LIMIT,
                () -> namespace.lives("broker").get("steady-broker-1"),
                now -> !now.equals(ended));
        namespace.awaitSettled("steady", 2, 1);
        awaitObjects(namespace);
        assertThat(namespace.kubectl("get", "events", "--field-selector=reason=Corrected"))
                .contains(
                        "Service steady is again as the spec says",
                        "Service steady-brokers is again",
                        "Service steady-lookup is again",
                        "ConfigMap steady-broker is again",
                        "StatefulSet steady-broker is again");
        namespace.awaitCondition(
                Kind.TOPIC, "t", "Ready", ready -> ready.message().equals("on 2 of 2 brokers"));
        namespace.awaitCondition(
                Kind.CHANNEL, "c", "Ready", ready -> ready.message().equals("on 2 of 2 brokers"));

        var versions = versions(namespace);
        for (int pass = 0; pass < 2; pass++) {
            passOverTheCluster(namespace, BUDGET);
            passOverTheTopic(namespace);
        }
        namespace.kubernetes().operator().restartAndAwaitLeader();
        passOverTheCluster(namespace, BUDGET);
        passOverTheTopic(namespace);
        assertThat(versions(namespace)).isEqualTo(versions);
    }

    @Test
    void whatComesBackChangedAgainAndAgainIsLeftAsItIs(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("fought", 1, 1));
        namespace.awaitSettled("fought", 1, 1);
        for (int time = 0; time < 3; time++) {
            changeSelector(namespace);
            Await.until(
                    "the Service is as the operator makes it",
                    TestNamespace.READY_LIMIT,
                    () -> selector(namespace),
                    selector -> "true".equals(selector.get("waystation.io/accepts-publishes")));
        }

        changeSelector(namespace);

        namespace.awaitCondition(
                Kind.CLUSTER,
                "fought",
                "Drifted",
                drifted -> drifted.is("True", "ChangedAgain")
                        && drifted.message().contains("Service/fought was changed back 3 times")
                        && drifted.message().contains("by kubectl-patch"));
        passOverTheCluster(namespace, "fought-broker");
        namespace.kubernetes().operator().restartAndAwaitLeader();
        passOverTheCluster(namespace, "fought-broker");
        assertThat(selector(namespace)).containsEntry("waystation.io/accepts-publishes", "other");
        namespace.awaitSettled("fought", 1, 1);
    }

    private static void changeSelector(TestNamespace namespace) throws IOException {
        namespace.kubectl(
                "patch",
                "service/fought",
                "--type=merge",
                "-p",
                "{\"spec\":{\"selector\":{\"waystation.io/accepts-publishes\":\"other\"}}}");
    }

    private static Map<String, String> selector(TestNamespace namespace) {
        return namespace
                .client()
                .services()
                .inNamespace(namespace.name())
                .withName("fought")
                .require()
                .getSpec()
                .getSelector();
    }

    private static void awaitOnBrokers(TestNamespace namespace) {
        for (int broker = 0; broker < 2; broker++) {
            var pod = "steady-broker-" + broker;
            Await.until(
                    "topic t is paused on " + pod + " and its channel c is not",
                    TestNamespace.READY_LIMIT,
                    () -> namespace.http("GET", pod, 4151, "/stats?format=json&topic=t", null),
                    stats -> count(stats, "\"paused\":true") == 1 && count(stats, "\"paused\":false") == 1);
        }
    }

    private static void awaitDrifted(TestNamespace namespace, Kind kind, String name) {
        namespace.awaitCondition(
                kind,
                name,
                "Drifted",
                drifted ->
                        drifted.is("True", "ChangedBack") && drifted.message().endsWith(": paused"));
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    private static void editObjects(TestNamespace namespace) throws IOException {
        namespace.kubectl(
                "patch", "service/steady", "--type=merge", "-p", "{\"spec\":{\"selector\":{\"app\":\"other\"}}}");
        namespace.kubectl(
                "patch",
                "service/steady-brokers",
                "--type=json",
                "-p",
                "[{\"op\":\"remove\",\"path\":\"/spec/ports/1\"}]");
        namespace.kubectl("patch", "configmap/steady-broker", "--type=merge", "-p", "{\"data\":{\"nsqd.cfg\":\"\"}}");
        namespace.kubectl("delete", "service/steady-lookup");
        namespace.kubectl("scale", "statefulset/steady-broker", "--replicas=1");
    }

    private static void awaitObjects(TestNamespace namespace) {
        var services = namespace.client().services().inNamespace(namespace.name());
        Await.until(
                "the Services are as the operator makes them",
                TestNamespace.READY_LIMIT,
                () -> services.list().getItems(),
                list -> list.size() == 3
                        && list.stream()
                                .allMatch(
                                        service -> service.getSpec().getPorts().size() == 2)
                        && "true"
                                .equals(services.withName("steady")
                                        .require()
                                        .getSpec()
                                        .getSelector()
                                        .get("waystation.io/accepts-publishes")));
        Await.until(
                "the ConfigMap has the settings",
                TestNamespace.READY_LIMIT,
                () -> namespace
                        .client()
                        .configMaps()
                        .inNamespace(namespace.name())
                        .withName("steady-broker")
                        .require()
                        .getData()
                        .get("nsqd.cfg"),
                file -> file.contains("msg_timeout = \"90s\""));
    }

    /// A pass must have taken place when the operator has made anew what was deleted.
    private static void passOverTheCluster(TestNamespace namespace, String budget) {
        var budgets = namespace.client().policy().v1().podDisruptionBudget().inNamespace(namespace.name());
        var uid = budgets.withName(budget).require().getMetadata().getUid();
        budgets.withName(budget).delete();
        Await.until(
                "the budget is made anew",
                TestNamespace.READY_LIMIT,
                () -> budgets.withName(budget).require().getMetadata().getUid(),
                now -> !now.equals(uid));
    }

    /// Passes must have taken place when the topic and the channel belong to their resources again.
    private static void passOverTheTopic(TestNamespace namespace) {
        for (var path : List.of("/waystation/v1/topics/t", "/waystation/v1/topics/t/channels/c")) {
            var uid = owner(namespace, path);
            namespace.http(
                    "PUT", "steady-broker-0", 4151, path, "{\"owner\":null,\"expectedOwnerUid\":\"" + uid + "\"}");
            Await.until(
                    path + " belongs to its resource again",
                    TestNamespace.READY_LIMIT,
                    () -> owner(namespace, path),
                    uid::equals);
        }
    }

    /// The uid that a broker has recorded, nothing without one.
    private static String owner(TestNamespace namespace, String path) {
        var owner = Serialization.unmarshal(namespace.http("GET", "steady-broker-0", 4151, path, null), Map.class)
                .get("owner");
        return owner instanceof Map<?, ?> found ? String.valueOf(found.get("uid")) : "";
    }

    /// Versions of all objects but the budget that proves the passes.
    private static Map<String, String> versions(TestNamespace namespace) {
        var versions = new TreeMap<String, String>();
        var client = namespace.client();
        add(versions, client.apps().statefulSets().inNamespace(namespace.name()));
        add(versions, client.services().inNamespace(namespace.name()));
        add(versions, client.configMaps().inNamespace(namespace.name()));
        add(versions, client.policy().v1().podDisruptionBudget().inNamespace(namespace.name()));
        add(versions, client.pods().inNamespace(namespace.name()));
        add(versions, client.persistentVolumeClaims().inNamespace(namespace.name()));
        for (var kind : Kind.values()) {
            add(versions, client.genericKubernetesResources(kind.context()).inNamespace(namespace.name()));
        }
        versions.remove("PodDisruptionBudget/" + BUDGET);
        return versions;
    }

    private static <T extends HasMetadata, L extends KubernetesResourceList<T>> void add(
            Map<String, String> versions, FilterWatchListDeletable<T, L, ?> objects) {
        for (var object : objects.list().getItems()) {
            var metadata = object.getMetadata();
            var seen = metadata.getUid() + " " + metadata.getResourceVersion();
            // So that a version that has moved says what was written.
            versions.put(
                    object.getKind() + "/" + metadata.getName(),
                    object instanceof GenericKubernetesResource resource
                            ? seen + " " + resource.getAdditionalProperties().get("status")
                            : seen);
        }
    }
}
