package io.waystation.e2e;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A namespace of one test: what users do in it, and what they see. Safe from any thread: immutable.
final class TestNamespace {
    static final Duration READY_LIMIT = Duration.ofMinutes(3);

    private final Kubernetes kubernetes;
    private final String name;

    /// A new one; its name begins with the prefix.
    TestNamespace(Kubernetes kubernetes, String prefix) {
        this.kubernetes = kubernetes;
        this.name = client().resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withGenerateName(prefix)
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getName();
    }

    /// A condition as a user sees it; `Unknown` without one.
    record Condition(String status, String reason, String message) {
        static final Condition NONE = new Condition("absent", "", "");

        boolean is(String wantedStatus, String wantedReason) {
            return status.equals(wantedStatus) && reason.equals(wantedReason);
        }
    }

    String name() {
        return name;
    }

    Kubernetes kubernetes() {
        return kubernetes;
    }

    KubernetesClient client() {
        return kubernetes.client();
    }

    void apply(String yaml) throws IOException {
        kubernetes.apply(name, yaml);
    }

    String kubectl(String... words) throws IOException {
        var all = new String[words.length + 2];
        System.arraycopy(words, 0, all, 0, words.length);
        all[words.length] = "-n";
        all[words.length + 1] = name;
        return kubernetes.kubectl(all);
    }

    @Nullable GenericKubernetesResource find(Kind kind, String resource) {
        return client().genericKubernetesResources(kind.context())
                .inNamespace(name)
                .withName(resource)
                .get();
    }

    GenericKubernetesResource get(Kind kind, String resource) {
        var found = find(kind, resource);
        if (found == null) {
            throw new AssertionError("there is no " + kind.plural() + "/" + resource + " in " + name);
        }
        return found;
    }

    /// Deletes as `kubectl delete --wait=false` does.
    void delete(Kind kind, String resource) {
        client().genericKubernetesResources(kind.context())
                .inNamespace(name)
                .withName(resource)
                .delete();
    }

    Condition condition(Kind kind, String resource, String type) {
        List<Map<String, Object>> conditions = get(kind, resource).get("status", "conditions");
        if (conditions != null) {
            for (var condition : conditions) {
                if (type.equals(condition.get("type"))) {
                    return new Condition(
                            String.valueOf(condition.get("status")),
                            String.valueOf(condition.get("reason")),
                            String.valueOf(condition.get("message")));
                }
            }
        }
        return Condition.NONE;
    }

    Condition awaitCondition(Kind kind, String resource, String type, Predicate<Condition> good) {
        return Await.until(
                type + " of " + kind.plural() + "/" + resource + " in " + name,
                READY_LIMIT,
                () -> condition(kind, resource, type),
                good);
    }

    void awaitReady(Kind kind, String resource) {
        awaitCondition(kind, resource, "Ready", ready -> ready.status().equals("True"));
    }

    /// Waits until the current spec of a cluster is carried out, so many brokers and lookups serve, each lookup knows
    /// each
    /// broker, and the status speaks of the brokers' pods that there are now.
    void awaitSettled(String cluster, int brokers, int lookups) {
        Await.until(
                "messageclusters/" + cluster + " in " + name + " settles with " + brokers + " brokers and " + lookups
                        + " lookups",
                READY_LIMIT,
                () -> get(Kind.CLUSTER, cluster),
                found -> isSettled(found)
                        && (brokers + "/" + brokers).equals(found.get("status", "brokersReady"))
                        && (lookups + "/" + lookups).equals(found.get("status", "lookupsReady"))
                        && podsInStatus(found).equals(uids(cluster))
                        && uids(cluster).size() == brokers
                        && pods("lookup").stream()
                                        .filter(pod ->
                                                pod.getMetadata().getName().startsWith(cluster + "-"))
                                        .count()
                                == lookups);
    }

    private Set<String> uids(String cluster) {
        var uids = new TreeSet<String>();
        for (var pod : pods("broker")) {
            if (pod.getMetadata().getName().startsWith(cluster + "-broker-")) {
                uids.add("Ready " + pod.getMetadata().getUid());
            }
        }
        return uids;
    }

    private static Set<String> podsInStatus(GenericKubernetesResource cluster) {
        List<Map<String, Object>> brokers = cluster.get("status", "brokers");
        var uids = new TreeSet<String>();
        if (brokers != null) {
            brokers.forEach(broker -> uids.add(broker.get("state") + " " + broker.get("podUid")));
        }
        return uids;
    }

    private static boolean isSettled(GenericKubernetesResource cluster) {
        Number observed = cluster.get("status", "observedGeneration");
        List<Map<String, Object>> conditions = cluster.get("status", "conditions");
        if (observed == null
                || conditions == null
                || observed.longValue() != cluster.getMetadata().getGeneration()) {
            return false;
        }
        var good = List.of("Ready", "BrokersReady", "LookupReady", "StorageHealthy");
        return cluster.get("status", "operation") == null
                && conditions.stream()
                                .filter(condition -> good.contains(String.valueOf(condition.get("type")))
                                        && "True".equals(condition.get("status")))
                                .count()
                        == good.size()
                && conditions.stream()
                        .noneMatch(condition -> List.of("Reconciling", "Progressing", "Stalled", "Degraded")
                                .contains(String.valueOf(condition.get("type"))));
    }

    /// The pods of all brokers, or lookups, of the clusters here.
    List<Pod> pods(String component) {
        return client().pods()
                .inNamespace(name)
                .withLabel("app.kubernetes.io/component", component)
                .list()
                .getItems();
    }

    Pod pod(String pod) {
        return client().pods().inNamespace(name).withName(pod).require();
    }

    /// Which processes run in those pods: a pod's uid and how often its container was started again.
    Map<String, String> lives(String component) {
        var lives = new TreeMap<String, String>();
        for (var pod : pods(component)) {
            lives.put(pod.getMetadata().getName(), pod.getMetadata().getUid() + " restarted " + restarts(pod));
        }
        return lives;
    }

    static int restarts(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .mapToInt(container -> container.getRestartCount())
                .sum();
    }

    /// An HTTP call to a port of a pod, through the API server. What is not answered with 200 is an exception with the
    /// answer in its message.
    String http(String method, String pod, int port, String path, @Nullable String body) {
        var uri = "/api/v1/namespaces/" + name + "/pods/" + pod + ":" + port + "/proxy" + path;
        var answer = client().raw(uri, method, body);
        return answer == null ? "" : answer;
    }

    /// How that call is refused: status and answer.
    String refusal(String method, String pod, int port, String path, @Nullable String body) {
        try {
            var answer = http(method, pod, port, path, body);
            throw new AssertionError(method + " " + path + " at " + pod + " was answered: " + answer);
        } catch (KubernetesClientException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    /// What helps when a test has failed.
    String describe() {
        var text = new StringBuilder();
        var questions = List.of(
                "get pods,pvc,statefulsets,services -o wide",
                "get messageclusters,topics,channels -o yaml --show-managed-fields=false",
                "get events --sort-by=.lastTimestamp");
        for (var question : questions) {
            text.append("--- kubectl ")
                    .append(question)
                    .append('\n')
                    .append(answer(question))
                    .append('\n');
        }
        for (var pod : client().pods().inNamespace(name).list().getItems()) {
            var words = "logs " + pod.getMetadata().getName() + " --tail=25";
            text.append("--- kubectl ")
                    .append(words)
                    .append('\n')
                    .append(answer(words))
                    .append('\n');
        }
        return text.append(kubernetes.operator().log()).toString();
    }

    private String answer(String question) {
        try {
            return kubectl(question.split(" "));
        } catch (IOException failed) {
            return String.valueOf(failed.getMessage());
        }
    }

    void delete() {
        client().namespaces().withName(name).delete();
    }
}
