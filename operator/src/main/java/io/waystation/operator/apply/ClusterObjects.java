package io.waystation.operator.apply;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.waystation.operator.api.ClusterReason;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.plan.ClusterEvents;
import io.waystation.operator.plan.ClusterFacts;
import io.waystation.operator.plan.ClusterNames;
import io.waystation.operator.plan.ClusterPlan;
import io.waystation.operator.plan.Corrected;
import io.waystation.operator.plan.Trouble;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Applies the objects of a cluster. One that is somebody else's is left alone, and one that Kubernetes refuses
/// holds up no other. Safe from any thread: immutable.
public final class ClusterObjects {
    private static final int FORBIDDEN = 403;
    private static final int INVALID = 422;

    private final KubernetesClient client;
    private final ServerSideApply apply;
    private final EventRecorder events;

    public ClusterObjects(KubernetesClient client, ServerSideApply apply, EventRecorder events) {
        this.client = client;
        this.apply = apply;
        this.events = events;
    }

    /// Whether Kubernetes will say the same until somebody changes the spec, a quota or a right.
    public static boolean isRefusal(KubernetesClientException failed) {
        return failed.getCode() == FORBIDDEN || failed.getCode() == INVALID;
    }

    public static String words(KubernetesClientException failed) {
        var status = failed.getStatus();
        return String.valueOf(status == null ? failed.getMessage() : status.getMessage());
    }

    /// The facts with what came of it.
    public ClusterFacts apply(ClusterFacts facts, ClusterPlan plan, Context<?> context) {
        var cluster = facts.cluster();
        Trouble obstacle = null;
        boolean changed = false;
        var corrected = new ArrayList<Corrected>();
        for (var object : plan.objects()) {
            var name = ClusterPlan.name(object);
            var live = client.resource(object).get();
            try {
                if (live != null && !isOurs(live, cluster)) {
                    obstacle = obstacle == null ? taken(name) : obstacle;
                } else if ((live == null || !plan.held().contains(name)) && apply.over(live, object, context)) {
                    changed = true;
                    var event = ClusterEvents.correction(cluster, object).orElse(null);
                    if (event != null) {
                        events.record(cluster, event);
                    }
                    if (event != null && live != null) {
                        corrected.add(new Corrected(name, otherManager(live)));
                    }
                }
            } catch (KubernetesClientException failed) {
                if (!isRefusal(failed)) {
                    throw failed;
                }
                obstacle = obstacle == null
                        ? new Trouble(ClusterReason.ObjectRefused, name + ": " + words(failed))
                        : obstacle;
            }
        }
        return facts.afterApplying(obstacle, corrected, changed);
    }

    private static Trouble taken(String name) {
        return new Trouble(
                ClusterReason.NameTaken,
                name + " exists and is not the operator's (expected: none, or one with the label "
                        + ClusterNames.MANAGED_BY + "=" + ClusterNames.OPERATOR + ")");
    }

    /// By its owner, or, where somebody took that away or an earlier cluster of the name made it, by its labels.
    private static boolean isOurs(HasMetadata live, MessageCluster cluster) {
        var labels = live.getMetadata().getLabels();
        return live.getOwnerReferenceFor(cluster).isPresent()
                || (labels != null
                        && ClusterNames.OPERATOR.equals(labels.get(ClusterNames.MANAGED_BY))
                        && cluster.getMetadata().getName().equals(labels.get(ClusterNames.INSTANCE)));
    }

    /// Who has written it last beside us, its status aside.
    private static @Nullable String otherManager(HasMetadata live) {
        return live.getMetadata().getManagedFields().stream()
                .filter(entry -> entry.getSubresource() == null
                        && entry.getManager() != null
                        && !entry.getManager().equals(ServerSideApply.FIELD_MANAGER))
                .max(Comparator.comparing(entry -> Objects.requireNonNullElse(entry.getTime(), "")))
                .map(ManagedFieldsEntry::getManager)
                .orElse(null);
    }
}
