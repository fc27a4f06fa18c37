package io.waystation.operator.plan;

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
/// of its brokers, all by ordinal; `withoutVolume` are ordinals that certainly never had a volume. `refusal` is what a
/// broker said to a setting that it was given in this pass, `growthRefusal` what Kubernetes said to a larger claim.
/// `outOfDate` says that objects have been changed since they were read.
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
        @Nullable String refusal,
        @Nullable String growthRefusal,
        boolean outOfDate) {
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
        return with(words, growthRefusal, outOfDate);
    }

    public ClusterFacts withGrowthRefusal(String words) {
        return with(refusal, words, outOfDate);
    }

    public ClusterFacts thatAreOutOfDate() {
        return with(refusal, growthRefusal, true);
    }

    private ClusterFacts with(@Nullable String settings, @Nullable String growth, boolean old) {
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
                settings,
                growth,
                old);
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
