package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a decision needs to know of the claim of a broker's volume: the size that it asks for, and the one that it has,
/// null while no volume is bound to it.
public record ClaimFacts(
        String name, String requested, @Nullable String capacity) {
    private static final String STORAGE = "storage";

    public static ClaimFacts of(PersistentVolumeClaim claim) {
        var status = claim.getStatus();
        var capacity = text(status == null ? null : status.getCapacity());
        var requested = text(claim.getSpec().getResources().getRequests());
        return new ClaimFacts(claim.getMetadata().getName(), requested == null ? "0" : requested, capacity);
    }

    static @Nullable String text(@Nullable Map<String, Quantity> sizes) {
        var size = sizes == null ? null : sizes.get(STORAGE);
        return size == null ? null : size.toString();
    }

    int ordinal() {
        return ClusterNames.ordinal(name);
    }
}
