package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Brokers on disks that are full, foreign, taken or not to be written to.
@ExtendWith(OnKubernetes.class)
class DiskIT {
    /// The disk itself says that it is full, or the broker stops before; it has many segments, or only one.
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"--min-free-bytes=0 --max-bytes-per-file=1048576", "--min-free-bytes=12582912"})
    void aFullDiskRefusesPublishesUntilConsumersMakeRoom(String flags, TestNamespace namespace) throws IOException {
        namespace.apply(brokerWithLookup(flags.split(" ")));
        awaitReady(namespace, "full");
        var address = namespace.pod("full").getStatus().getPodIP();
        namespace.http("POST", "full", 4151, "/topic/create?topic=other", null);
        namespace.http("POST", "full", 4151, "/topic/create?topic=flow", null);
        namespace.http("POST", "full", 4151, "/channel/create?topic=flow&channel=counted", null);
        var load = Load.ofSize(namespace, "flow", 60_000, address + ":4150", address + ":4161");

        load.produce();
        load.awaitRefused("disk full: ");
        Await.until(
                "a publish over HTTP is refused",
                TestNamespace.READY_LIMIT,
                () -> publish(namespace),
                answer -> answer.contains("503") && answer.contains("DISK_FULL"));
        long whenFull = load.acknowledged();
        assertThat(whenFull).isPositive();
        load.consume();
        load.awaitAcknowledged(whenFull + 200);

        var tally = load.finish();
        assertThat(tally.distinct()).as("missing: %s", tally.missing()).isEqualTo(tally.acknowledged());
        assertThat(tally.duplicates()).isZero();
        assertThat(TestNamespace.restarts(namespace.pod("full"))).isZero();
    }

    /// What a message to a topic of its own is answered with: until the last room is taken, some still find a place.
    private static String publish(TestNamespace namespace) {
        try {
            return namespace.http("POST", "full", 4151, "/pub?topic=other", "x".repeat(60_000));
        } catch (KubernetesClientException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    @Test
    void aForeignOrTakenDirectoryIsRefused(TestNamespace namespace) throws IOException {
        namespace.apply(claim("data-joint-broker-1"));
        namespace.apply(broker("owner", claimVolume("data-joint-broker-1"), "--node-id=1", "--cluster-id=alpha"));
        awaitReady(namespace, "owner");

        namespace.apply(broker("second", claimVolume("data-joint-broker-1"), "--node-id=1"));
        assertThat(lastWords(namespace, "second"))
                .contains("data-path: /data is in use by process")
                .contains("(expected: a directory of its own for each broker)");
        namespace.kubectl("delete", "pod", "owner");
        namespace.apply(broker("foreign", claimVolume("data-joint-broker-1"), "--node-id=1", "--cluster-id=beta"));
        assertThat(lastWords(namespace, "foreign"))
                .contains("cluster-id: beta (expected: alpha, to which /data belongs)");
        namespace.apply(broker("renamed", claimVolume("data-joint-broker-1"), "--node-id=2"));
        assertThat(lastWords(namespace, "renamed"))
                .contains("node-id: 2 (expected: 1, to which /data belongs; or another data-path)");

        volumeOfAnotherCluster(namespace);
    }

    /// The volume that broker 1 is going to get belongs to cluster alpha; broker 0 serves all the while.
    private static void volumeOfAnotherCluster(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("joint", 1, 1));
        namespace.awaitSettled("joint", 1, 1);
        var lives = namespace.lives("broker");
        var load = Load.start(
                namespace, "flow", 1, 200, "joint-broker-0.joint-brokers:4150", "joint-lookup-0.joint-lookup:4161");
        namespace.apply(Yaml.cluster("joint", 2, 1));
        namespace.kubernetes().operator().restart();
        namespace.awaitCondition(
                Kind.CLUSTER,
                "joint",
                "Stalled",
                stalled -> stalled.is("True", "VolumeMismatch")
                        && stalled.message().contains("the volume of joint-broker-1 belongs to cluster alpha"));
        namespace.kubectl("delete", "pod", "second", "foreign", "renamed");
        namespace.kubectl("delete", "pvc/data-joint-broker-1", "pod/joint-broker-1", "--wait=false");
        namespace.kubernetes().operator().restart();
        namespace.awaitSettled("joint", 2, 1);
        load.awaitFlow();
        var tally = load.finish();
        assertThat(tally.distinct()).as("missing: %s", tally.missing()).isEqualTo(tally.acknowledged());
        assertThat(tally.duplicates()).isZero();
        assertThat(namespace.lives("broker")).containsAllEntriesOf(lives);
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsRefused(TestNamespace namespace) throws IOException {
        namespace.apply(
                broker("unwritable", "emptyDir: {}").replace("mountPath: /data", "mountPath: /data, readOnly: true"));

        assertThat(lastWords(namespace, "unwritable"))
                .contains("data-path: cannot write to /data")
                .contains("(expected: a directory that this user may write to)");
    }

    private static void awaitReady(TestNamespace namespace, String pod) {
        Await.until(
                pod + " is ready",
                TestNamespace.READY_LIMIT,
                () -> namespace.pod(pod).getStatus().getContainerStatuses(),
                containers -> !containers.isEmpty() && containers.stream().allMatch(container -> container.getReady()));
    }

    /// What a broker said before it ended with exit code 1.
    private static String lastWords(TestNamespace namespace, String pod) {
        var ended = Await.until(
                        pod + " has ended", TestNamespace.READY_LIMIT, () -> namespace.pod(pod), DiskIT::hasEnded)
                .getStatus()
                .getContainerStatuses()
                .getFirst()
                .getState()
                .getTerminated();
        assertThat(ended.getExitCode()).isEqualTo(1);
        return ended.getMessage();
    }

    private static boolean hasEnded(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .anyMatch(container -> container.getState().getTerminated() != null);
    }

    private static String claim(String name) {
        return """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: %s}
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}
            """.formatted(name);
    }

    private static String claimVolume(String claim) {
        return "persistentVolumeClaim: {claimName: " + claim + "}";
    }

    private static String broker(String name, String volume, String... flags) {
        return """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s}
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 10
              securityContext: {runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532}
              containers:
                - name: broker
                  image: %s
                  imagePullPolicy: IfNotPresent
                  command: [/nsqd]
                  args: ["--data-path=/data", "--broadcast-address=$(POD_IP)"%s]
                  env: [{name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
                  readinessProbe: {httpGet: {path: /ping, port: 4151}, periodSeconds: 1}
                  terminationMessagePolicy: FallbackToLogsOnError
                  securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
                  volumeMounts: [{name: data, mountPath: /data}, {name: tmp, mountPath: /tmp}]
              volumes: [{name: data, %s}, {name: tmp, emptyDir: {}}]
            """.formatted(
                        name,
                        Kubernetes.BROKER_IMAGE,
                        flags.length == 0 ? "" : ", \"" + String.join("\", \"", flags) + "\"",
                        volume);
    }

    /// A disk of 32 MiB, in memory.
    private static String brokerWithLookup(String... flags) {
        var lookup = """
                - name: lookup
                  image: %s
                  imagePullPolicy: IfNotPresent
                  command: [/nsqlookupd]
                  readinessProbe: {httpGet: {path: /ping, port: 4161}, periodSeconds: 1}
                  volumeMounts: [{name: tmp, mountPath: /tmp}]
            """.formatted(Kubernetes.BROKER_IMAGE);
        var all = new ArrayList<>(List.of(flags));
        all.add("--lookupd-tcp-address=127.0.0.1:4160");
        return broker("full", "emptyDir: {medium: Memory, sizeLimit: 32Mi}", all.toArray(String[]::new))
                .replace("  volumes: [", lookup + "  volumes: [");
    }
}
