package io.waystation.operator.plan;

import io.waystation.operator.api.Condition;
import io.waystation.operator.api.Correction;
import io.waystation.operator.broker.Owner;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// All that decisions about a Topic or Channel rest on. `known` are corrections that the status of this generation
/// remembers, `brokers` those whose pods exist, by ordinal; `livingOwners` are the uids of other resources that brokers
/// have recorded as owners and that still exist, `corrected` the fields that were changed back in this pass.
public record DeclarationFacts(
        Owner self,
        long generation,
        List<Condition> previous,
        List<Correction> known,
        Instant now,
        Wanted wanted,
        Place place,
        List<BrokerView> brokers,
        Set<String> livingOwners,
        Set<String> corrected) {
    public DeclarationFacts {
        corrected = Collections.unmodifiableSortedSet(new TreeSet<>(corrected));
    }

    /// Where the topic or channel belongs.
    public sealed interface Place {
        /// What the status remembers as the identity of the cluster; null leaves what it has.
        default @Nullable String identity() {
            return this instanceof Cluster cluster && !cluster.isReplaced() ? cluster.clusterId() : null;
        }

        /// Nowhere for now: the resource is to be left alone.
        record Paused() implements Place {}

        /// The Channel's Topic does not exist.
        record NoTopic(String topic) implements Place {}

        /// The MessageCluster does not exist, or is being deleted.
        record NoCluster(String cluster) implements Place {}

        /// The MessageCluster; `accepted` is the identity that the resource was declared on, or was allowed to move to.
        record Cluster(
                String cluster,
                @Nullable String clusterId,
                @Nullable String accepted) implements Place {
            public boolean isReplaced() {
                return clusterId != null && accepted != null && !clusterId.equals(accepted);
            }
        }
    }

    public DeclarationFacts with(List<BrokerView> views, Set<String> living, Set<String> fields) {
        return new DeclarationFacts(self, generation, previous, known, now, wanted, place, views, living, fields);
    }
}
