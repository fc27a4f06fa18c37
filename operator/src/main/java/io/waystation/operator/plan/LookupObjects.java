package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.waystation.operator.api.MessageCluster;

/// The objects of a cluster's lookups, which keep nothing on disk.
final class LookupObjects {
    static final int TCP_PORT = 4160;
    static final int HTTP_PORT = 4161;
    private static final int STARTUP_PROBES = 60;
    private static final long GRACE_SECONDS = 30;

    private final MessageCluster cluster;
    private final ClusterNames names;
    private final String image;

    LookupObjects(MessageCluster cluster, String image) {
        this.cluster = cluster;
        this.names = ClusterNames.of(cluster);
        this.image = image;
    }

    /// Brokers find every lookup by its own name as early as can be, so also before it is ready.
    Service service() {
        return new ServiceBuilder()
                .withMetadata(ObjectParts.metadata(cluster, names.lookupService(), ClusterNames.LOOKUP))
                .withNewSpec()
                .withClusterIP("None")
                .withPublishNotReadyAddresses(true)
                .withSelector(names.selector(ClusterNames.LOOKUP))
                .withPorts(ObjectParts.port("tcp", TCP_PORT), ObjectParts.port("http", HTTP_PORT))
                .endSpec()
                .build();
    }

    PodDisruptionBudget budget() {
        return ObjectParts.budget(cluster, names.lookupSet(), ClusterNames.LOOKUP);
    }

    StatefulSet set(int replicas) {
        return new StatefulSetBuilder()
                .withMetadata(ObjectParts.metadata(cluster, names.lookupSet(), ClusterNames.LOOKUP))
                .withNewSpec()
                .withReplicas(replicas)
                .withServiceName(names.lookupService())
                .withPodManagementPolicy("Parallel")
                .withNewUpdateStrategy()
                .withType("OnDelete")
                .endUpdateStrategy()
                .withSelector(ObjectParts.selector(cluster, ClusterNames.LOOKUP))
                .withTemplate(template())
                .endSpec()
                .build();
    }

    private PodTemplateSpec template() {
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(names.labels(ClusterNames.LOOKUP))
                .endMetadata()
                .withNewSpec()
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .withSecurityContext(ObjectParts.podSecurity())
                .withTopologySpreadConstraints(ObjectParts.spread(cluster, ClusterNames.LOOKUP))
                .withContainers(container())
                .addNewVolume()
                .withName("tmp")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .endSpec()
                .build();
    }

    private Container container() {
        return new ContainerBuilder()
                .withName("lookup")
                .withImage(image)
                .withImagePullPolicy("IfNotPresent")
                .withCommand("/nsqlookupd")
                .withArgs(
                        "--broadcast-address=$(POD_NAME)." + names.lookupService() + ".$(POD_NAMESPACE).svc",
                        "--" + BrokerSettings.LOG_FORMAT + "=" + BrokerSettings.JSON)
                .withEnv(
                        ObjectParts.fieldEnv("POD_NAME", "metadata.name"),
                        ObjectParts.fieldEnv("POD_NAMESPACE", "metadata.namespace"))
                .addNewPort()
                .withName("tcp")
                .withContainerPort(TCP_PORT)
                .withProtocol("TCP")
                .endPort()
                .addNewPort()
                .withName("http")
                .withContainerPort(HTTP_PORT)
                .withProtocol("TCP")
                .endPort()
                .withResources(ObjectParts.resources(cluster.getSpec().lookupResources()))
                .withSecurityContext(ObjectParts.containerSecurity())
                .withStartupProbe(ObjectParts.ping(1, STARTUP_PROBES))
                .withReadinessProbe(ObjectParts.ping(5, 3))
                .withLivenessProbe(ObjectParts.ping(10, 6))
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .addNewVolumeMount()
                .withName("tmp")
                .withMountPath("/tmp")
                .endVolumeMount()
                .build();
    }
}
