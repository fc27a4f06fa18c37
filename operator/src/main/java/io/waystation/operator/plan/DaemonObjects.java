package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.MessageClusterSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The form that the objects of brokers and of lookups share: a StatefulSet whose pods the planner restarts one by
/// one, a Service by which each is found, a budget. Whatever the API server would fill in within a list that
/// belongs to us as a whole is written out, so that a second pass finds no difference.
final class DaemonObjects {
    private static final String TMP = "tmp";

    private final MessageCluster cluster;
    private final ClusterNames names;
    private final String component;
    private final String set;
    private final String service;
    private final int tcpPort;
    private final int httpPort;

    private DaemonObjects(
            MessageCluster cluster, String component, String set, String service, int tcpPort, int httpPort) {
        this.cluster = cluster;
        this.names = ClusterNames.of(cluster);
        this.component = component;
        this.set = set;
        this.service = service;
        this.tcpPort = tcpPort;
        this.httpPort = httpPort;
    }

    static DaemonObjects ofBrokers(MessageCluster cluster) {
        var names = ClusterNames.of(cluster);
        return new DaemonObjects(
                cluster,
                ClusterNames.BROKER,
                names.brokerSet(),
                names.brokerService(),
                BrokerObjects.TCP_PORT,
                BrokerObjects.HTTP_PORT);
    }

    static DaemonObjects ofLookups(MessageCluster cluster) {
        var names = ClusterNames.of(cluster);
        return new DaemonObjects(
                cluster,
                ClusterNames.LOOKUP,
                names.lookupSet(),
                names.lookupService(),
                LookupObjects.TCP_PORT,
                LookupObjects.HTTP_PORT);
    }

    ObjectMeta metadata(String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(names.namespace())
                .withLabels(names.labels(component))
                .addNewOwnerReference()
                .withApiVersion(cluster.getApiVersion())
                .withKind(cluster.getKind())
                .withName(names.cluster())
                .withUid(cluster.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .endOwnerReference()
                .build();
    }

    List<ServicePort> servicePorts() {
        return List.of(ObjectParts.port("tcp", tcpPort), ObjectParts.port("http", httpPort));
    }

    /// Finds each by its own name, ready or not: peers want to know it as early as can be.
    Service peers() {
        return new ServiceBuilder()
                .withMetadata(metadata(service))
                .withNewSpec()
                .withClusterIP("None")
                .withPublishNotReadyAddresses(true)
                .withSelector(names.selector(component))
                .withPorts(servicePorts())
                .endSpec()
                .build();
    }

    PodDisruptionBudget budget() {
        return new PodDisruptionBudgetBuilder()
                .withMetadata(metadata(set))
                .withNewSpec()
                .withMaxUnavailable(new IntOrString(1))
                .withUnhealthyPodEvictionPolicy("AlwaysAllow")
                .withSelector(selector())
                .endSpec()
                .build();
    }

    StatefulSetBuilder set(int replicas) {
        return new StatefulSetBuilder()
                .withMetadata(metadata(set))
                .withNewSpec()
                .withReplicas(replicas)
                .withServiceName(service)
                .withPodManagementPolicy("Parallel")
                .withNewUpdateStrategy()
                .withType("OnDelete")
                .endUpdateStrategy()
                .withSelector(selector())
                .endSpec();
    }

    private LabelSelector selector() {
        return new LabelSelectorBuilder()
                .withMatchLabels(names.selector(component))
                .build();
    }

    /// With a place for temporary files behind its own volumes.
    PodTemplateSpecBuilder template(
            Map<String, String> labels, long graceSeconds, Container container, Volume... volumes) {
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(graceSeconds)
                .withSecurityContext(ObjectParts.podSecurity())
                .withTopologySpreadConstraints(spread())
                .withContainers(container)
                .withVolumes(volumes)
                .addNewVolume()
                .withName(TMP)
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .endSpec();
    }

    private TopologySpreadConstraint spread() {
        return new TopologySpreadConstraintBuilder()
                .withMaxSkew(1)
                .withTopologyKey("kubernetes.io/hostname")
                .withWhenUnsatisfiable("ScheduleAnyway")
                .withLabelSelector(selector())
                .build();
    }

    /// `startupSeconds` is how long it may take to start before the kubelet takes it for dead.
    ContainerBuilder container(
            String image,
            String program,
            int startupSeconds,
            MessageClusterSpec.@Nullable Resources resources,
            VolumeMount... mounts) {
        return new ContainerBuilder()
                .withName(component)
                .withImage(image)
                .withImagePullPolicy("IfNotPresent")
                .withCommand(program)
                .withEnv(
                        ObjectParts.fieldEnv("POD_NAME", "metadata.name"),
                        ObjectParts.fieldEnv("POD_NAMESPACE", "metadata.namespace"))
                .withPorts(containerPort("tcp", tcpPort), containerPort("http", httpPort))
                .withResources(ObjectParts.resources(resources))
                .withSecurityContext(ObjectParts.containerSecurity())
                .withStartupProbe(ObjectParts.ping(1, startupSeconds))
                .withReadinessProbe(ObjectParts.ping(5, 3))
                .withLivenessProbe(ObjectParts.ping(10, 6))
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withVolumeMounts(mounts)
                .addNewVolumeMount()
                .withName(TMP)
                .withMountPath("/tmp")
                .endVolumeMount();
    }

    private static ContainerPort containerPort(String name, int port) {
        return new ContainerPortBuilder()
                .withName(name)
                .withContainerPort(port)
                .withProtocol("TCP")
                .build();
    }

    /// What it announces, by which it is found wherever it runs.
    String broadcastAddress() {
        return "--broadcast-address=$(POD_NAME)." + service + ".$(POD_NAMESPACE).svc";
    }
}
