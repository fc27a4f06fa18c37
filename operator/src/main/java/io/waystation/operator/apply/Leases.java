package io.waystation.operator.apply;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gives up the leader's Lease at an orderly end, so that nobody has to wait until it expires.
public final class Leases {
    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    private Leases() {}

    public static void release(KubernetesClient client, String namespace, String name, String identity) {
        try {
            var lease = client.leases().inNamespace(namespace).withName(name).get();
            if (lease == null || !identity.equals(lease.getSpec().getHolderIdentity())) {
                return;
            }
            var free = new LeaseBuilder(lease)
                    .editSpec()
                    .withHolderIdentity("")
                    .withLeaseDurationSeconds(1)
                    .endSpec()
                    .build();
            client.resource(free).lockResourceVersion().update();
        } catch (KubernetesClientException failed) {
            LOG.atInfo().addKeyValue("cause", failed.getMessage()).log("lease not released; it expires");
        }
    }
}
