package io.waystation.operator.plan;

import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Which cluster this is: what the status says, else what the volumes say, else, once every broker has answered that it
/// belongs to none, the uid of the resource. So a cluster that is made again over its old volumes is the same cluster.
record ClusterIdentity(@Nullable String clusterId, @Nullable String mismatch) {
    static ClusterIdentity of(ClusterFacts facts) {
        var given = facts.status().clusterId();
        var stored = new TreeSet<String>();
        for (var broker : facts.brokers()) {
            var id = broker.report() == null ? null : broker.report().info().clusterId();
            if (id == null) {
                continue;
            }
            stored.add(id);
            if (given != null && !given.equals(id)) {
                return new ClusterIdentity(
                        given, "the volume of " + broker.name() + " belongs to cluster " + id + ", not to " + given);
            }
        }
        if (stored.size() > 1) {
            return new ClusterIdentity(given, "the volumes belong to several clusters: " + String.join(", ", stored));
        }
        if (given != null) {
            return new ClusterIdentity(given, null);
        }
        if (!stored.isEmpty()) {
            return new ClusterIdentity(stored.first(), null);
        }
        boolean allAnswered = true;
        for (int ordinal = 0; ordinal < facts.wantedBrokers(); ordinal++) {
            allAnswered &=
                    facts.broker(ordinal).map(broker -> broker.report() != null).orElse(false);
        }
        var uid = Objects.requireNonNull(facts.cluster().getMetadata().getUid());
        return new ClusterIdentity(allAnswered ? uid : null, null);
    }
}
