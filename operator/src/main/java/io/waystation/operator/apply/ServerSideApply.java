package io.waystation.operator.apply;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Applies objects under the operator's own name, and only those that differ from what the API server has. Safe from
/// any thread:
/// immutable.
public final class ServerSideApply {
    public static final String FIELD_MANAGER = "waystation-operator";

    private final KubernetesClient client;
    private final ObjectMapper json = new ObjectMapper();

    public ServerSideApply(KubernetesClient client) {
        this.client = client;
    }

    /// True when there was a difference.
    public boolean apply(HasMetadata desired, Context<?> context) {
        return over(client.resource(desired).get(), desired, context);
    }

    /// The same over what was looked at; null when there was nothing. A StatefulSet is applied over that very
    /// version, and never with fewer replicas.
    boolean over(@Nullable HasMetadata live, HasMetadata desired, Context<?> context) {
        if (live != null
                && SSABasedGenericKubernetesResourceMatcher.getInstance().matches(live, desired, context)) {
            return false;
        }
        if (desired instanceof StatefulSet set) {
            applySet(set, (StatefulSet) live);
        } else {
            patch(desired);
        }
        return true;
    }

    private void applySet(StatefulSet desired, @Nullable StatefulSet live) {
        if (live == null) {
            patch(desired);
            return;
        }
        int replicas = live.getSpec().getReplicas();
        if (desired.getSpec().getReplicas() < replicas) {
            throw new IllegalStateException(
                    "replicas of " + desired.getMetadata().getName() + ": "
                            + desired.getSpec().getReplicas() + " (expected: at least " + replicas + ", as it is)");
        }
        patchOver(desired, live.getMetadata().getResourceVersion());
    }

    /// Fails with a conflict if the object is not the one of that version any more.
    void patchOver(HasMetadata desired, String resourceVersion) {
        var locked = client.getKubernetesSerialization().clone(desired);
        locked.getMetadata().setResourceVersion(resourceVersion);
        patch(locked);
    }

    /// Writes the status if it differs from the one before. Fails with a conflict if there is another resource of that
    /// name by now.
    public <S, T, R extends CustomResource<S, T>> boolean status(R resource, R fresh) {
        if (json.valueToTree(fresh.getStatus()).equals(json.valueToTree(resource.getStatus()))) {
            return false;
        }
        var metadata = fresh.getMetadata();
        metadata.setName(resource.getMetadata().getName());
        metadata.setNamespace(resource.getMetadata().getNamespace());
        metadata.setUid(resource.getMetadata().getUid());
        client.resource(fresh).subresource("status").patch(context());
        return true;
    }

    /// Sets a label of the pod with this uid.
    void label(String namespace, String pod, String uid, String label, String value) {
        patch(new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(pod)
                .withUid(uid)
                .withLabels(Map.of(label, value))
                .endMetadata()
                .build());
    }

    private void patch(HasMetadata desired) {
        client.resource(desired).patch(context());
    }

    private static PatchContext context() {
        return new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(FIELD_MANAGER)
                .withForce(true)
                .build();
    }
}
