package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a decision needs to know of a pod; `revision` is that of the template from which it was made,
/// `createdAt` is null for a pod that was not made by a server.
public record PodFacts(
        String name,
        String uid,
        @Nullable String address,
        boolean ready,
        boolean deleting,
        @Nullable String revision,
        boolean acceptsPublishes,
        @Nullable Instant createdAt,
        @Nullable Trouble trouble) {

    public static PodFacts of(Pod pod) {
        var labels = pod.getMetadata().getLabels();
        return new PodFacts(
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                pod.getStatus() == null ? null : pod.getStatus().getPodIP(),
                isReady(pod),
                pod.getMetadata().getDeletionTimestamp() != null,
                labels.get("controller-revision-hash"),
                "true".equals(labels.get(ClusterNames.ACCEPTS_PUBLISHES)),
                createdAt(pod),
                Trouble.of(pod));
    }

    private static @Nullable Instant createdAt(Pod pod) {
        var text = pod.getMetadata().getCreationTimestamp();
        return text == null ? null : Instant.parse(text);
    }

    public static boolean isReady(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && pod.getStatus() != null
                && pod.getStatus().getConditions() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
    }

    public int ordinal() {
        return ClusterNames.ordinal(name);
    }
}
