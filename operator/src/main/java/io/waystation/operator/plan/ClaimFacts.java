package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a decision needs to know of the claim of a broker's volume: the size that it asks for, the one that it
/// has, null while no volume is bound to it, and since when only the file system on it has still to grow.
public record ClaimFacts(
        String name,
        String requested,
        @Nullable String capacity,
        @Nullable Instant fileSystemPendingSince) {
    private static final String STORAGE = "storage";
    private static final String PENDING = "FileSystemResizePending";

    public static ClaimFacts of(PersistentVolumeClaim claim) {
        var status = claim.getStatus();
        var capacity = text(status == null ? null : status.getCapacity());
        var requested = text(claim.getSpec().getResources().getRequests());
        return new ClaimFacts(
                claim.getMetadata().getName(), requested == null ? "0" : requested, capacity, pendingSince(status));
    }

    private static @Nullable Instant pendingSince(@Nullable PersistentVolumeClaimStatus status) {
        if (status == null || status.getConditions() == null) {
            return null;
        }
        for (var condition : status.getConditions()) {
            if (condition.getType().equals(PENDING)
                    && condition.getStatus().equals("True")
                    && condition.getLastTransitionTime() != null) {
                return Instant.parse(condition.getLastTransitionTime());
            }
        }
        return null;
    }

    static @Nullable String text(@Nullable Map<String, Quantity> sizes) {
        var size = sizes == null ? null : sizes.get(STORAGE);
        return size == null ? null : size.toString();
    }

    boolean isSmallerThan(String wanted) {
        return StorageSize.isLess(requested, wanted) || (capacity != null && StorageSize.isLess(capacity, wanted));
    }

    int ordinal() {
        return ClusterNames.ordinal(name);
    }
}
