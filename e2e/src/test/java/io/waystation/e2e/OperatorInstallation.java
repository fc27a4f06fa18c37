package io.waystation.e2e;

import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The operator as `deploy/install/operator.yaml` installs it, but for options that make it say sooner what it waits
/// for
/// and look at topics more often. Safe from any thread: immutable; what it does to the operator concerns all tests.
final class OperatorInstallation {
    private static final String NAMESPACE = "waystation-system";
    private static final String NAME = "waystation-operator";
    private static final Map<String, String> OPTIONS =
            Map.of("WAYSTATION_NOTICE", "3s", "WAYSTATION_DRIFT_INTERVAL", "4s");
    private static final Duration READY_LIMIT = Duration.ofMinutes(2);
    private static final List<String> CRDS =
            List.of("messageclusters.waystation.io", "topics.waystation.io", "channels.waystation.io");

    private final Kubernetes kubernetes;

    OperatorInstallation(Kubernetes kubernetes) {
        this.kubernetes = kubernetes;
    }

    void install() throws IOException {
        applyCrds();
        try (var manifest = Files.newInputStream(Command.ROOT.resolve("deploy/install/operator.yaml"))) {
            for (var object : client().load(manifest).items()) {
                client().resource(withOptions(object)).serverSideApply();
            }
        }
        awaitRunning();
    }

    void applyCrds() throws IOException {
        for (var name : CRDS) {
            kubernetes.apply(
                    "default",
                    Files.readString(Command.ROOT.resolve("crds/" + name + ".yaml"), StandardCharsets.UTF_8));
        }
        for (var name : CRDS) {
            kubernetes.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd/" + name);
        }
    }

    /// Returns at once; what is being deleted ends by itself.
    void deleteCrds() {
        for (var name : CRDS) {
            client().apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName(name)
                    .delete();
        }
    }

    List<String> crdsLeft() {
        return client().apiextensions().v1().customResourceDefinitions().list().getItems().stream()
                .map(crd -> crd.getMetadata().getName())
                .filter(CRDS::contains)
                .toList();
    }

    private static HasMetadata withOptions(HasMetadata object) {
        if (object instanceof Deployment deployment) {
            var container =
                    deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
            OPTIONS.forEach((name, value) -> container
                    .getEnv()
                    .add(new EnvVarBuilder().withName(name).withValue(value).build()));
        }
        return object;
    }

    /// Deletes the operator's pod; another one takes over.
    void restart() {
        client().pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/name", NAME)
                .delete();
    }

    /// Deletes the operator's pod and waits until another one works.
    void restartAndAwaitLeader() {
        var before = pods();
        restart();
        Await.until(
                "another operator holds the lease",
                READY_LIMIT,
                () -> client().leases()
                        .inNamespace(NAMESPACE)
                        .withName(NAME)
                        .require()
                        .getSpec()
                        .getHolderIdentity(),
                holder -> !holder.isEmpty()
                        && before.stream()
                                .noneMatch(pod ->
                                        holder.startsWith(pod.getMetadata().getName())));
    }

    /// The operator's processes on the node, as the node sees them; the pattern is not found in the command
    /// that looks.
    String processes() throws IOException {
        return kubernetes.onNode("grep -la io.waystation.operator.Mai[n] /proc/[0-9]*/cmdline 2>/dev/null || true");
    }

    void stop() {
        scale(0);
        Await.until("no operator runs", READY_LIMIT, this::pods, List::isEmpty);
    }

    void start() {
        scale(1);
        awaitRunning();
    }

    private void scale(int replicas) {
        client().apps().deployments().inNamespace(NAMESPACE).withName(NAME).scale(replicas);
    }

    private void awaitRunning() {
        Await.until(
                "the operator is ready",
                READY_LIMIT,
                () -> client().apps()
                        .deployments()
                        .inNamespace(NAMESPACE)
                        .withName(NAME)
                        .require(),
                OperatorInstallation::runs);
    }

    /// What a Deployment says of itself counts only once it has seen what it was told.
    private static boolean runs(Deployment deployment) {
        var status = deployment.getStatus();
        return deployment.getMetadata().getGeneration().equals(status.getObservedGeneration())
                && Integer.valueOf(1).equals(status.getUpdatedReplicas())
                && Integer.valueOf(1).equals(status.getReadyReplicas());
    }

    private List<Pod> pods() {
        return client().pods()
                .inNamespace(NAMESPACE)
                .withLabel("app.kubernetes.io/name", NAME)
                .list()
                .getItems();
    }

    /// The end of the operator's log.
    String log() {
        try {
            return kubernetes.kubectl("logs", "-n", NAMESPACE, "deployment/" + NAME, "--tail=150");
        } catch (IOException none) {
            return String.valueOf(none.getMessage());
        }
    }

    private KubernetesClient client() {
        return kubernetes.client();
    }
}
