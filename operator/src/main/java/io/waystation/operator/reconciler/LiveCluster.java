package io.waystation.operator.reconciler;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.waystation.operator.api.MessageCluster;
import java.util.Optional;

/// The MessageCluster of a resource that is being deleted, read afresh: what is missing must not hold the deletion up.
final class LiveCluster {
    private static final int FORBIDDEN = 403;

    private LiveCluster() {}

    /// Empty when it does not exist, is being deleted, its kind is gone, or reading it is forbidden.
    static Optional<MessageCluster> find(KubernetesClient client, String namespace, String name) {
        try {
            return Optional.ofNullable(client.resources(MessageCluster.class)
                            .inNamespace(namespace)
                            .withName(name)
                            .get())
                    .filter(cluster -> !cluster.isMarkedForDeletion());
        } catch (KubernetesClientException failed) {
            if (failed.getCode() == FORBIDDEN) {
                return Optional.empty();
            }
            throw failed;
        }
    }
}
