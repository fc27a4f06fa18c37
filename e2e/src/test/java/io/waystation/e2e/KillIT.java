package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Brokers that die without a word while messages flow.
@ExtendWith(OnKubernetes.class)
class KillIT {
    @Test
    void whatKilledBrokersAcknowledgedIsDelivered(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("mortal", 2, 1) + "---\n" + Yaml.topic("flow", "mortal", ""));
        namespace.awaitReady(Kind.TOPIC, "flow");
        namespace.awaitSettled("mortal", 2, 1);
        var load = Load.start(
                namespace,
                "flow",
                3,
                300,
                "mortal-broker-0.mortal-brokers:4150 mortal-broker-1.mortal-brokers:4150",
                "mortal-lookup-0.mortal-lookup:4161");

        for (int kill = 1; kill <= 2; kill++) {
            kill(namespace, "mortal-broker-1", kill);
            namespace.kubernetes().operator().restart();
            load.awaitFlow();
        }
        var uid = namespace.pod("mortal-broker-0").getMetadata().getUid();
        namespace.kubectl("delete", "pod", "mortal-broker-0", "--grace-period=0", "--force");
        namespace.kubernetes().operator().restart();
        namespace.awaitSettled("mortal", 2, 1);
        load.awaitPublishedAt("mortal-broker-0.mortal-brokers:4150");
        load.awaitPublishedAt("mortal-broker-1.mortal-brokers:4150");

        var tally = load.finish();
        assertThat(tally.distinct()).as("missing: %s", tally.missing()).isEqualTo(tally.acknowledged());
        assertThat(namespace.pod("mortal-broker-0").getMetadata().getUid()).isNotEqualTo(uid);
        assertThat(TestNamespace.restarts(namespace.pod("mortal-broker-1"))).isEqualTo(2);
    }

    /// SIGKILL of a broker's process, from a pod that sees the node's processes; returns when the broker is back.
    private static void kill(TestNamespace namespace, String broker, int kill) {
        namespace
                .client()
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName("kill-" + kill)
                        .withNamespace(namespace.name())
                        .endMetadata()
                        .withNewSpec()
                        .withHostPID(true)
                        .withNodeName(namespace.pod(broker).getSpec().getNodeName())
                        .withRestartPolicy("Never")
                        .addNewContainer()
                        .withName("counted")
                        .withImage(Kubernetes.CLIENT_IMAGE)
                        .withImagePullPolicy("IfNotPresent")
                        .withArgs("kill", "/data", broker + ".", "." + namespace.name() + ".svc")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        Await.until(
                broker + " is killed and started again",
                TestNamespace.READY_LIMIT,
                () -> namespace.pod(broker),
                pod -> TestNamespace.restarts(pod) == kill
                        && pod.getStatus().getContainerStatuses().getFirst().getReady());
    }
}
