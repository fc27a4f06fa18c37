package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.waystation.operator.api.MessageClusterStatus;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a pass does, in this order: settings that running brokers take over, objects, larger claims, cordons, the
/// status, and then the one disruptive act, if the status that the pass found announced it. Objects that are `held`, by
/// kind and name, are made when they are missing and left as they are otherwise.
public record ClusterPlan(
        List<SettingsChange> settingsChanges,
        List<HasMetadata> objects,
        Set<String> held,
        List<PersistentVolumeClaim> growths,
        List<Cordon> cordons,
        MessageClusterStatus status,
        @Nullable Disruption disruption,
        boolean settled) {

    /// Leaves everything as it is.
    static ClusterPlan handsOff(MessageClusterStatus status) {
        return new ClusterPlan(List.of(), List.of(), Set.of(), List.of(), List.of(), status, null, false);
    }

    /// How an object is called in a status: `Service/orders`.
    public static String name(HasMetadata object) {
        return object.getKind() + "/" + object.getMetadata().getName();
    }

    /// Options of one broker, by name.
    public record SettingsChange(String pod, String address, Map<String, String> values) {}

    /// Takes a broker out of publishing, or back: first the Service's label on the pod, then, where it has an address,
    /// the broker itself.
    public record Cordon(String pod, String podUid, String address, boolean cordoned) {}
}
