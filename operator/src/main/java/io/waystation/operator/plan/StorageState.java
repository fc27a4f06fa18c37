package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.waystation.operator.api.ClusterReason;
import java.util.List;

/// Whether the volumes of the brokers that were asked for have the size that was asked for, and else why not. Volumes
/// grow, and never shrink.
record StorageState(ClusterReason reason, String message) {
    static StorageState of(ClusterFacts facts) {
        var wanted = facts.wantedSize();
        for (var claim : claims(facts)) {
            if (StorageSize.isLess(wanted, claim.requested())) {
                return new StorageState(
                        ClusterReason.StorageShrinkRefused,
                        claim.name() + " has " + claim.requested()
                                + " and volumes do not shrink: spec.brokers.storage.size is " + wanted + " (expected: "
                                + claim.requested() + " or more)");
            }
        }
        var growthRefusal = facts.findings().growthRefusal();
        if (growthRefusal != null) {
            return new StorageState(ClusterReason.ResizeRefused, growthRefusal);
        }
        for (var claim : claims(facts)) {
            var has = claim.capacity();
            if (claim.isSmallerThan(wanted)) {
                return new StorageState(
                        ClusterReason.Resizing,
                        claim.name() + " has " + (has == null ? "no volume yet" : has) + ", " + wanted + " is wanted"
                                + (claim.fileSystemPendingSince() == null ? "" : "; only its file system has to grow"));
            }
        }
        return new StorageState(ClusterReason.AllServing, "no volume is smaller than " + wanted);
    }

    private static List<ClaimFacts> claims(ClusterFacts facts) {
        return facts.claims().stream()
                .filter(claim -> claim.ordinal() < facts.wantedBrokers())
                .toList();
    }

    /// The claims that have to ask for more. One without a volume cannot be changed.
    static List<PersistentVolumeClaim> growths(ClusterFacts facts) {
        return claims(facts).stream()
                .filter(claim -> claim.capacity() != null && StorageSize.isLess(claim.requested(), facts.wantedSize()))
                .map(claim -> new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withNamespace(facts.names().namespace())
                        .withName(claim.name())
                        .endMetadata()
                        .withNewSpec()
                        .withNewResources()
                        .addToRequests("storage", new Quantity(facts.wantedSize()))
                        .endResources()
                        .endSpec()
                        .build())
                .toList();
    }

    /// Whether it stays so until somebody changes the spec or the storage class.
    boolean needsPerson() {
        return reason == ClusterReason.StorageShrinkRefused || reason == ClusterReason.ResizeRefused;
    }
}
