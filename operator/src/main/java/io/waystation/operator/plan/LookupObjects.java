package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.waystation.operator.api.MessageCluster;

/// The objects of a cluster's lookups, which keep nothing on disk.
final class LookupObjects {
    static final int TCP_PORT = 4160;
    static final int HTTP_PORT = 4161;
    private static final int STARTUP_SECONDS = 60;
    private static final long GRACE_SECONDS = 30;

    private final MessageCluster cluster;
    private final String image;
    private final DaemonObjects daemon;

    LookupObjects(MessageCluster cluster, String image) {
        this.cluster = cluster;
        this.image = image;
        this.daemon = DaemonObjects.ofLookups(cluster);
    }

    Service service() {
        return daemon.peers();
    }

    PodDisruptionBudget budget() {
        return daemon.budget();
    }

    StatefulSet set(int replicas) {
        var labels = ClusterNames.of(cluster).labels(ClusterNames.LOOKUP);
        return daemon.set(replicas)
                .editSpec()
                .withTemplate(
                        daemon.template(labels, GRACE_SECONDS, container()).build())
                .endSpec()
                .build();
    }

    private Container container() {
        return daemon.container(
                        image, "/nsqlookupd", STARTUP_SECONDS, cluster.getSpec().lookupResources())
                .withArgs(daemon.broadcastAddress(), "--" + BrokerSettings.LOG_FORMAT + "=" + BrokerSettings.JSON)
                .build();
    }
}
