package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.waystation.operator.api.MessageCluster;
import java.util.Map;

/// The objects of a cluster's brokers.
final class BrokerObjects {
    static final String CLAIM = "data";
    static final int TCP_PORT = 4150;
    static final int HTTP_PORT = 4151;
    private static final String CONFIG = "/etc/waystation";
    private static final String CONFIG_FILE = "nsqd.cfg";

    /// How long a broker may recover its log before the kubelet takes it for dead: an hour.
    private static final int STARTUP_PROBES = 3600;

    private static final long GRACE_SECONDS = 60;

    private final MessageCluster cluster;
    private final ClusterNames names;
    private final String image;

    BrokerObjects(MessageCluster cluster, String image) {
        this.cluster = cluster;
        this.names = ClusterNames.of(cluster);
        this.image = image;
    }

    /// Finds every broker by its own name, ready or not.
    Service peers() {
        return new ServiceBuilder()
                .withMetadata(ObjectParts.metadata(cluster, names.brokerService(), ClusterNames.BROKER))
                .withNewSpec()
                .withClusterIP("None")
                .withPublishNotReadyAddresses(true)
                .withSelector(names.selector(ClusterNames.BROKER))
                .withPorts(ObjectParts.port("tcp", TCP_PORT), ObjectParts.port("http", HTTP_PORT))
                .endSpec()
                .build();
    }

    /// Where producers publish: brokers that are ready and not cordoned.
    Service publishing() {
        var selector = names.selector(ClusterNames.BROKER);
        selector.put(ClusterNames.ACCEPTS_PUBLISHES, "true");
        return new ServiceBuilder()
                .withMetadata(ObjectParts.metadata(cluster, names.publishService(), ClusterNames.BROKER))
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(selector)
                .withPorts(ObjectParts.port("tcp", TCP_PORT), ObjectParts.port("http", HTTP_PORT))
                .endSpec()
                .build();
    }

    PodDisruptionBudget budget() {
        return ObjectParts.budget(cluster, names.brokerSet(), ClusterNames.BROKER);
    }

    ConfigMap config() {
        var file = BrokerSettings.file(
                names.lookupAddresses(cluster.getSpec().lookupReplicas()),
                cluster.getSpec().brokers().sortedSettings());
        return new ConfigMapBuilder()
                .withMetadata(ObjectParts.metadata(cluster, names.brokerSet(), ClusterNames.BROKER))
                .withData(Map.of(CONFIG_FILE, file))
                .build();
    }

    /// `claimSize` is that of the volumes of brokers that do not exist yet.
    StatefulSet set(int replicas, String settingsHash, String claimSize) {
        return new StatefulSetBuilder()
                .withMetadata(ObjectParts.metadata(cluster, names.brokerSet(), ClusterNames.BROKER))
                .withNewSpec()
                .withReplicas(replicas)
                .withServiceName(names.brokerService())
                .withPodManagementPolicy("Parallel")
                .withNewUpdateStrategy()
                .withType("OnDelete")
                .endUpdateStrategy()
                .withNewPersistentVolumeClaimRetentionPolicy()
                .withWhenDeleted(cluster.getSpec()
                        .brokers()
                        .storage()
                        .onClusterDeletion()
                        .name())
                .withWhenScaled("Retain")
                .endPersistentVolumeClaimRetentionPolicy()
                .withSelector(ObjectParts.selector(cluster, ClusterNames.BROKER))
                .withTemplate(template(settingsHash))
                .withVolumeClaimTemplates(claim(claimSize))
                .endSpec()
                .build();
    }

    private PodTemplateSpec template(String settingsHash) {
        var labels = names.labels(ClusterNames.BROKER);
        labels.put(ClusterNames.ACCEPTS_PUBLISHES, "true");
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .addToAnnotations(ClusterNames.SETTINGS_HASH, settingsHash)
                .endMetadata()
                .withNewSpec()
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .withSecurityContext(ObjectParts.podSecurity())
                .withTopologySpreadConstraints(ObjectParts.spread(cluster, ClusterNames.BROKER))
                .withContainers(container())
                .addNewVolume()
                .withName("config")
                .withNewConfigMap()
                .withName(names.brokerSet())
                .endConfigMap()
                .endVolume()
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
                .withName("broker")
                .withImage(image)
                .withImagePullPolicy("IfNotPresent")
                .withCommand("/nsqd")
                .withArgs(
                        "--config=" + CONFIG + "/" + CONFIG_FILE,
                        "--data-path=/data",
                        "--broadcast-address=$(POD_NAME)." + names.brokerService() + ".$(POD_NAMESPACE).svc",
                        "--node-id=$(POD_INDEX)")
                .withEnv(
                        ObjectParts.fieldEnv("POD_NAME", "metadata.name"),
                        ObjectParts.fieldEnv("POD_NAMESPACE", "metadata.namespace"),
                        ObjectParts.fieldEnv("POD_INDEX", "metadata.labels['apps.kubernetes.io/pod-index']"))
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
                .withResources(ObjectParts.resources(cluster.getSpec().brokers().resources()))
                .withSecurityContext(ObjectParts.containerSecurity())
                .withStartupProbe(ObjectParts.ping(1, STARTUP_PROBES))
                .withReadinessProbe(ObjectParts.ping(5, 3))
                .withLivenessProbe(ObjectParts.ping(10, 6))
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .addNewVolumeMount()
                .withName(CLAIM)
                .withMountPath("/data")
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("config")
                .withMountPath(CONFIG)
                .withReadOnly(true)
                .endVolumeMount()
                .addNewVolumeMount()
                .withName("tmp")
                .withMountPath("/tmp")
                .endVolumeMount()
                .build();
    }

    private PersistentVolumeClaim claim(String claimSize) {
        var storage = cluster.getSpec().brokers().storage();
        return new PersistentVolumeClaimBuilder()
                .withApiVersion("v1")
                .withKind("PersistentVolumeClaim")
                .withNewMetadata()
                .withName(CLAIM)
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withVolumeMode("Filesystem")
                .withStorageClassName(storage.storageClassName())
                .withNewResources()
                .addToRequests("storage", new Quantity(claimSize))
                .endResources()
                .endSpec()
                .build();
    }
}
