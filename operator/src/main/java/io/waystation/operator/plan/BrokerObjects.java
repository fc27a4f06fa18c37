package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.waystation.operator.api.MessageCluster;
import java.util.Map;

/// The objects of a cluster's brokers.
final class BrokerObjects {
    static final String CLAIM = "data";
    static final int TCP_PORT = 4150;
    static final int HTTP_PORT = 4151;
    private static final String CONFIG_VOLUME = "config";
    private static final String CONFIG = "/etc/waystation";
    private static final String CONFIG_FILE = "nsqd.cfg";

    /// How long a broker may recover its log: an hour.
    private static final int STARTUP_SECONDS = 3600;

    private static final long GRACE_SECONDS = 60;

    private final MessageCluster cluster;
    private final ClusterNames names;
    private final String image;
    private final DaemonObjects daemon;

    BrokerObjects(MessageCluster cluster, String image) {
        this.cluster = cluster;
        this.names = ClusterNames.of(cluster);
        this.image = image;
        this.daemon = DaemonObjects.ofBrokers(cluster);
    }

    Service peers() {
        return daemon.peers();
    }

    /// Where producers publish: brokers that are ready and not cordoned.
    Service publishing() {
        var selector = names.selector(ClusterNames.BROKER);
        selector.put(ClusterNames.ACCEPTS_PUBLISHES, "true");
        return new ServiceBuilder()
                .withMetadata(daemon.metadata(names.publishService()))
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(selector)
                .withPorts(daemon.servicePorts())
                .endSpec()
                .build();
    }

    PodDisruptionBudget budget() {
        return daemon.budget();
    }

    ConfigMap config() {
        var file = BrokerSettings.file(
                names.lookupAddresses(cluster.getSpec().lookupReplicas()),
                cluster.getSpec().brokers().sortedSettings());
        return new ConfigMapBuilder()
                .withMetadata(daemon.metadata(names.brokerSet()))
                .withData(Map.of(CONFIG_FILE, file))
                .build();
    }

    /// `claimSize` is that of the volumes of brokers that do not exist yet.
    StatefulSet set(int replicas, String settingsHash, String claimSize) {
        return daemon.set(replicas)
                .editSpec()
                .withNewPersistentVolumeClaimRetentionPolicy()
                .withWhenDeleted(cluster.getSpec()
                        .brokers()
                        .storage()
                        .onClusterDeletion()
                        .name())
                .withWhenScaled("Retain")
                .endPersistentVolumeClaimRetentionPolicy()
                .withTemplate(template(settingsHash))
                .withVolumeClaimTemplates(claim(claimSize))
                .endSpec()
                .build();
    }

    private PodTemplateSpec template(String settingsHash) {
        var labels = names.labels(ClusterNames.BROKER);
        labels.put(ClusterNames.ACCEPTS_PUBLISHES, "true");
        var config = new VolumeBuilder()
                .withName(CONFIG_VOLUME)
                .withNewConfigMap()
                .withName(names.brokerSet())
                .endConfigMap()
                .build();
        return daemon.template(labels, GRACE_SECONDS, container(), config)
                .editMetadata()
                .addToAnnotations(ClusterNames.SETTINGS_HASH, settingsHash)
                .endMetadata()
                .build();
    }

    private Container container() {
        var data =
                new VolumeMountBuilder().withName(CLAIM).withMountPath("/data").build();
        var config = new VolumeMountBuilder()
                .withName(CONFIG_VOLUME)
                .withMountPath(CONFIG)
                .withReadOnly(true)
                .build();
        var resources = cluster.getSpec().brokers().resources();
        return daemon.container(image, "/nsqd", STARTUP_SECONDS, resources, data, config)
                .withArgs(
                        "--config=" + CONFIG + "/" + CONFIG_FILE,
                        "--data-path=/data",
                        daemon.broadcastAddress(),
                        "--node-id=$(POD_INDEX)")
                .addToEnv(ObjectParts.fieldEnv("POD_INDEX", "metadata.labels['apps.kubernetes.io/pod-index']"))
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
