package io.waystation.operator.plan;

import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.MessageClusterSpec;
import io.waystation.operator.api.MessageClusterStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All that decisions about a cluster rest on. Pods are those that the cluster's own StatefulSets own, by ordinal;
/// `withoutVolume` are ordinals that certainly never had a volume; `refusal` is what a broker said to a setting that it
/// was
/// given in this pass.
public record ClusterFacts(
        MessageCluster cluster,
        String defaultImage,
        Duration notice,
        Instant now,
        @Nullable SetFacts brokerSet,
        @Nullable SetFacts lookupSet,
        List<BrokerFacts> brokers,
        List<LookupFacts> lookups,
        Set<Integer> withoutVolume,
        @Nullable String refusal,
        boolean outOfDate) {

    public ClusterFacts withRefusal(String words) {
        return new ClusterFacts(
                cluster,
                defaultImage,
                notice,
                now,
                brokerSet,
                lookupSet,
                brokers,
                lookups,
                withoutVolume,
                words,
                outOfDate);
    }

    public ClusterFacts thatAreOutOfDate() {
        return new ClusterFacts(
                cluster,
                defaultImage,
                notice,
                now,
                brokerSet,
                lookupSet,
                brokers,
                lookups,
                withoutVolume,
                refusal,
                true);
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

    Optional<LookupFacts> lookup(String pod) {
        return lookups.stream().filter(lookup -> lookup.name().equals(pod)).findFirst();
    }

    Optional<LookupFacts> lookup(int ordinal) {
        return lookups.stream()
                .filter(lookup -> lookup.pod().ordinal() == ordinal)
                .findFirst();
    }

    boolean isBrokerReady(int ordinal) {
        return broker(ordinal).map(broker -> broker.pod().ready()).orElse(false);
    }

    boolean isLookupReady(int ordinal) {
        return lookup(ordinal).map(lookup -> lookup.pod().ready()).orElse(false);
    }
}
