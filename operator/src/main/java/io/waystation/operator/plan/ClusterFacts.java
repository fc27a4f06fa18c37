package io.waystation.operator.plan;

import io.waystation.operator.api.Correction;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.MessageClusterSpec;
import io.waystation.operator.api.MessageClusterStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All that decisions about a cluster rest on. Pods are those that the cluster's own StatefulSets own, and claims those
/// of its brokers, all by ordinal; `withoutVolume` are ordinals that certainly never had a volume.
public record ClusterFacts(
        MessageCluster cluster,
        String defaultImage,
        Duration notice,
        Instant now,
        @Nullable SetFacts brokerSet,
        @Nullable SetFacts lookupSet,
        List<BrokerFacts> brokers,
        List<LookupFacts> lookups,
        List<ClaimFacts> claims,
        Set<Integer> withoutVolume,
        Findings findings) {
    public ClusterFacts {
        brokers = brokers.stream()
                .sorted(Comparator.comparingInt(BrokerFacts::ordinal))
                .toList();
        lookups = lookups.stream()
                .sorted(Comparator.comparingInt(LookupFacts::ordinal))
                .toList();
        claims = claims.stream()
                .sorted(Comparator.comparingInt(ClaimFacts::ordinal))
                .toList();
    }

    public ClusterFacts withRefusal(String words) {
        return with(findings.withSettingRefusal(words));
    }

    public ClusterFacts withGrowthRefusal(String words) {
        return with(findings.withGrowthRefusal(words));
    }

    /// After objects were applied: `obstacle` stands in the way of one, `corrected` had been changed by somebody else,
    /// `changed` says whether any was not as it is to be.
    public ClusterFacts afterApplying(@Nullable Trouble obstacle, List<Corrected> corrected, boolean changed) {
        return with(findings.withObjects(obstacle, corrected, changed));
    }

    private ClusterFacts with(Findings found) {
        return new ClusterFacts(
                cluster,
                defaultImage,
                notice,
                now,
                brokerSet,
                lookupSet,
                brokers,
                lookups,
                claims,
                withoutVolume,
                found);
    }

    /// What a broker said to a setting.
    @Nullable String refusal() {
        return findings.settingRefusal();
    }

    boolean outOfDate() {
        return findings.outOfDate();
    }

    /// What was changed back, as the status of this generation remembers it.
    List<Correction> corrections() {
        return Corrections.known(
                status().corrections(),
                status().observedGeneration(),
                cluster.getMetadata().getGeneration());
    }

    ClusterNames names() {
        return ClusterNames.of(cluster);
    }

    MessageClusterSpec spec() {
        return cluster.getSpec();
    }

    MessageClusterStatus status() {
        return cluster.getStatus() == null ? MessageClusterStatus.NONE : cluster.getStatus();
    }

    String image() {
        var given = spec().image();
        return given == null ? defaultImage : given;
    }

    /// The size that the spec asks for.
    String wantedSize() {
        return StorageSize.canonical(spec().brokers().storage().size());
    }

    /// The size with which the StatefulSet makes volumes: that part of one cannot be changed.
    String claimSize() {
        var made = brokerSet == null ? null : brokerSet.claimSize();
        return made == null ? wantedSize() : made;
    }

    int wantedBrokers() {
        return spec().brokers().count();
    }

    int wantedLookups() {
        return spec().lookupReplicas();
    }

    Optional<BrokerFacts> broker(int ordinal) {
        return brokers.stream().filter(broker -> broker.ordinal() == ordinal).findFirst();
    }

    Optional<BrokerFacts> broker(String pod) {
        return brokers.stream().filter(broker -> broker.name().equals(pod)).findFirst();
    }

    Optional<LookupFacts> lookup(int ordinal) {
        return lookups.stream().filter(lookup -> lookup.ordinal() == ordinal).findFirst();
    }

    Optional<ClaimFacts> claim(int ordinal) {
        return claims.stream().filter(claim -> claim.ordinal() == ordinal).findFirst();
    }

    boolean isBrokerReady(int ordinal) {
        return broker(ordinal).map(broker -> broker.pod().ready()).orElse(false);
    }

    boolean isLookupReady(int ordinal) {
        return lookup(ordinal).map(lookup -> lookup.pod().ready()).orElse(false);
    }

    /// What the ready brokers that stay announce to lookups.
    List<String> announced() {
        return brokers.stream()
                .filter(broker -> broker.pod().ready() && broker.ordinal() < wantedBrokers())
                .map(broker -> names().brokerHost(broker.ordinal()))
                .toList();
    }
}
