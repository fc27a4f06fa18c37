package io.waystation.operator.plan;

import io.waystation.operator.api.MessageCluster;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What stands in a Kubernetes of one MessageCluster and happens by itself: sets that make and end pods, brokers that
/// take, keep and lose messages, lookups that forget when they restart, clients. Confined to its test.
final class WorldOfPods {
    final Map<String, LiveSet> sets = new TreeMap<>();
    final Map<String, Pod> pods = new TreeMap<>();
    final Map<Integer, Volume> volumes = new TreeMap<>();

    /// Broker pods that the operator told to end while they served, and that have not come back.
    final Set<String> stopped = new TreeSet<>();

    private final SplittableRandom random;
    private final MessageCluster cluster;
    private int uids;

    WorldOfPods(SplittableRandom random, MessageCluster cluster) {
        this.random = random;
        this.cluster = cluster;
    }

    /// A StatefulSet; its controller has seen it or not.
    static final class LiveSet {
        int replicas;
        String revision = "";
        String image = "";
        String settingsHash = "";

        @Nullable String claimSize;

        boolean seen;
    }

    static final class Pod {
        final String uid;
        final String revision;
        final Map<String, String> applied = new TreeMap<>();
        boolean ready;
        boolean deleting;
        boolean silent;
        boolean acceptsPublishes = true;
        Set<String> knows = new TreeSet<>();

        Pod(String uid, String revision) {
            this.uid = uid;
            this.revision = revision;
        }
    }

    /// What outlives the broker's pod.
    static final class Volume {
        @Nullable String clusterId;

        String size = "10Gi";
        long unfinished;
        boolean cordoned;
    }

    LiveSet set(String name) {
        return sets.computeIfAbsent(name, first -> new LiveSet());
    }

    Volume volume(int ordinal) {
        return volumes.computeIfAbsent(ordinal, first -> new Volume());
    }

    /// What the controllers and the pods do in the meantime, or a part of it.
    void kubernetes(boolean everything) {
        sets.forEach((name, set) -> {
            set.seen |= everything || random.nextBoolean();
            for (int ordinal = 0; set.seen && ordinal < set.replicas; ordinal++) {
                if (everything || random.nextBoolean()) {
                    pods.computeIfAbsent(name + "-" + ordinal, pod -> new Pod("uid-" + uids++, set.revision));
                }
            }
        });
        for (var entry : List.copyOf(pods.entrySet())) {
            var pod = entry.getValue();
            var set = set(entry.getKey().substring(0, entry.getKey().lastIndexOf('-')));
            if (pod.deleting && (everything || random.nextBoolean())) {
                pods.remove(entry.getKey());
                if (ClusterNames.ordinal(entry.getKey()) >= set.replicas) {
                    stopped.remove(entry.getKey());
                }
            } else if (ClusterNames.ordinal(entry.getKey()) >= set.replicas) {
                pod.deleting = true;
                pod.ready = false;
            } else if (!pod.deleting && (everything || random.nextBoolean())) {
                pod.ready = true;
                pod.silent &= !everything;
                start(entry.getKey());
                stopped.remove(entry.getKey());
            }
        }
        lookups();
    }

    private void start(String pod) {
        if (pod.contains("-broker-") && !volumes.containsKey(ClusterNames.ordinal(pod))) {
            var size = set("orders-broker").claimSize;
            volume(ClusterNames.ordinal(pod)).size = size == null ? "10Gi" : size;
        }
    }

    /// Ready brokers register with the lookups that they have been told of.
    private void lookups() {
        var names = ClusterNames.of(cluster);
        pods.forEach((name, lookup) -> {
            if (name.contains("-lookup-")) {
                int ordinal = ClusterNames.ordinal(name);
                lookup.knows = pods.entrySet().stream()
                        .filter(broker -> broker.getKey().contains("-broker-") && broker.getValue().ready)
                        .filter(broker -> addresses(broker.getValue()).contains(names.lookupAddress(ordinal)))
                        .map(broker -> names.brokerHost(ClusterNames.ordinal(broker.getKey())))
                        .collect(Collectors.toCollection(TreeSet::new));
            }
        });
    }

    private static Set<String> addresses(Pod broker) {
        return new TreeSet<>(Arrays.asList(
                broker.applied.getOrDefault("lookupd-tcp-address", "").split(",", -1)));
    }

    /// Producers publish where they are let, consumers finish what they get.
    void clients(boolean onlyConsumers) {
        pods.forEach((name, pod) -> {
            if (name.contains("-broker-") && pod.ready) {
                var volume = volume(ClusterNames.ordinal(name));
                if (!onlyConsumers && pod.acceptsPublishes && !volume.cordoned) {
                    volume.unfinished += random.nextInt(5);
                }
                volume.unfinished -= Math.min(volume.unfinished, onlyConsumers ? Long.MAX_VALUE : random.nextInt(6));
            }
        });
    }

    /// A pod is not ready for a while, or a broker does not answer.
    void trouble() {
        var names = List.copyOf(pods.keySet());
        if (!names.isEmpty()) {
            var pod = pods.get(names.get(random.nextInt(names.size())));
            if (pod != null && random.nextBoolean()) {
                pod.ready = false;
            } else if (pod != null) {
                pod.silent = true;
            }
        }
    }
}
