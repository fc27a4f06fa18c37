package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a decision needs to know of a StatefulSet. `updateRevision` is null until the StatefulSet controller has
/// seen the template; `image` is that of the template's container; `claimSize` is that of the volumes it makes,
/// null when it makes none.
public record SetFacts(
        String uid,
        String resourceVersion,
        int replicas,
        @Nullable String updateRevision,
        String image,
        String settingsHash,
        @Nullable String claimSize) {

    public static SetFacts of(StatefulSet set) {
        var status = set.getStatus();
        boolean seen = status != null
                && status.getObservedGeneration() != null
                && status.getObservedGeneration() >= set.getMetadata().getGeneration();
        var annotations = set.getSpec().getTemplate().getMetadata().getAnnotations();
        return new SetFacts(
                set.getMetadata().getUid(),
                set.getMetadata().getResourceVersion(),
                set.getSpec().getReplicas(),
                seen && status != null ? status.getUpdateRevision() : null,
                set.getSpec().getTemplate().getSpec().getContainers().getFirst().getImage(),
                annotations == null ? "" : Objects.requireNonNullElse(annotations.get(ClusterNames.SETTINGS_HASH), ""),
                claimSize(set));
    }

    private static @Nullable String claimSize(StatefulSet set) {
        var claims = set.getSpec().getVolumeClaimTemplates();
        return claims == null || claims.isEmpty()
                ? null
                : ClaimFacts.text(claims.getFirst().getSpec().getResources().getRequests());
    }

    boolean isOutdated(PodFacts pod) {
        return updateRevision != null && pod.revision() != null && !updateRevision.equals(pod.revision());
    }
}
