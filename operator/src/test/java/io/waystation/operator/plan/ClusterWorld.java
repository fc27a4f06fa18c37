package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.MessageClusterSpec;
import io.waystation.operator.broker.BrokerDrain;
import io.waystation.operator.broker.BrokerSetting;
import io.waystation.operator.broker.BrokerState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A Kubernetes with one MessageCluster, as far as the planner can tell: sets that make and end pods, brokers that
/// take,
/// keep and lose messages, lookups that forget when they restart, and an operator that dies between any two writes.
/// Confined to its test.
final class ClusterWorld {
    private static final List<String> OPTIONS = List.of("lookupd-tcp-address", "max-bytes-per-file", "msg-timeout");

    private final SplittableRandom random;
    private final MessageCluster cluster;
    private final Map<String, LiveSet> sets = new TreeMap<>();
    private final Map<String, Pod> pods = new TreeMap<>();
    private final Map<Integer, Volume> volumes = new TreeMap<>();
    private Instant now = RandomCluster.NOW;
    private int uids;
    private int writesLeft;

    /// Broker pods that we told to end while they served, and that have not come back.
    private final Set<String> stopped = new TreeSet<>();

    ClusterWorld(SplittableRandom random, MessageClusterSpec spec) {
        this.random = random;
        this.cluster = RandomCluster.cluster(spec);
    }

    /// A StatefulSet; its controller has seen it or not.
    private static final class LiveSet {
        private int replicas;
        private String revision = "";
        private String image = "";
        private String settingsHash = "";
        private @Nullable String claimSize;
        private boolean seen;
    }

    private static final class Pod {
        private final String uid;
        private final String revision;
        private final Map<String, String> applied = new TreeMap<>();
        private boolean ready;
        private boolean deleting;
        private boolean silent;
        private boolean acceptsPublishes = true;
        private Set<String> knows = new TreeSet<>();

        Pod(String uid, String revision) {
            this.uid = uid;
            this.revision = revision;
        }
    }

    /// What outlives the broker's pod.
    private static final class Volume {
        private @Nullable String clusterId;
        private String size = "10Gi";
        private long unfinished;
        private boolean cordoned;
    }

    /// The operator dies.
    private static final class Death extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /// The API server lets no size become less.
    void edit(MessageClusterSpec spec) {
        var before = cluster.getSpec().brokers().storage();
        var asked = spec.brokers().storage();
        cluster.setSpec(new MessageClusterSpec(
                spec.image(),
                new MessageClusterSpec.Brokers(
                        spec.brokers().replicas(),
                        StorageSize.isLess(asked.size(), before.size()) ? before : asked,
                        null,
                        spec.brokers().settings()),
                spec.lookup()));
        cluster.getMetadata().setGeneration(cluster.getMetadata().getGeneration() + 1);
    }

    /// One pass; it dies before its `deadline`-th write.
    ClusterPlan pass(int deadline) {
        now = now.plusSeconds(2);
        writesLeft = deadline;
        var facts = facts();
        var plan = ClusterPlanner.plan(facts);
        try {
            plan.settingsChanges().forEach(this::change);
            boolean changed = false;
            for (var object : plan.objects()) {
                changed |= apply(object);
            }
            plan.growths().forEach(this::grow);
            plan.cordons().forEach(this::cordon);
            if (changed) {
                plan = ClusterPlanner.plan(facts.afterApplying(null, List.of(), true));
            }
            if (!plan.status().equals(cluster.getStatus())) {
                write();
                cluster.setStatus(plan.status());
            }
            if (plan.disruption() != null) {
                write();
                carryOut(plan.disruption());
            }
        } catch (Death death) {
            return plan;
        }
        return plan;
    }

    private void write() {
        if (writesLeft-- <= 0) {
            throw new Death();
        }
    }

    private void change(ClusterPlan.SettingsChange change) {
        write();
        var pod = pods.get(change.pod());
        if (pod != null) {
            pod.applied.putAll(change.values());
            var id = change.values().get("cluster-id");
            if (id != null) {
                volume(ClusterNames.ordinal(change.pod())).clusterId = id;
            }
        }
    }

    private boolean apply(HasMetadata object) {
        if (!(object instanceof StatefulSet desired)) {
            return false;
        }
        var name = desired.getMetadata().getName();
        var live = sets.computeIfAbsent(name, first -> new LiveSet());
        var template = desired.getSpec().getTemplate();
        var revision = Integer.toHexString(template.hashCode());
        int replicas = desired.getSpec().getReplicas();
        if (replicas < live.replicas) {
            throw new AssertionError(name + " is applied with " + replicas + " replicas, and has " + live.replicas);
        }
        if (live.replicas == replicas && live.revision.equals(revision)) {
            return false;
        }
        write();
        live.replicas = replicas;
        live.revision = revision;
        live.seen = false;
        live.image = template.getSpec().getContainers().getFirst().getImage();
        var annotations = template.getMetadata().getAnnotations();
        live.settingsHash = annotations == null ? "" : annotations.getOrDefault(ClusterNames.SETTINGS_HASH, "");
        var claims = desired.getSpec().getVolumeClaimTemplates();
        live.claimSize = claims.isEmpty()
                ? null
                : ClaimFacts.text(claims.getFirst().getSpec().getResources().getRequests());
        return true;
    }

    private void grow(PersistentVolumeClaim claim) {
        write();
        volume(ClusterNames.ordinal(claim.getMetadata().getName())).size =
                String.valueOf(ClaimFacts.text(claim.getSpec().getResources().getRequests()));
    }

    private void cordon(ClusterPlan.Cordon cordon) {
        write();
        var pod = pods.get(cordon.pod());
        if (pod != null && pod.uid.equals(cordon.podUid())) {
            pod.acceptsPublishes = !cordon.cordoned();
            volume(ClusterNames.ordinal(cordon.pod())).cordoned = cordon.cordoned();
        }
    }

    private void carryOut(Disruption disruption) {
        switch (disruption) {
            case Disruption.Restart restart -> stop(restart);
            case Disruption.LowerBrokers lower -> {
                var volume = volumes.get(lower.from() - 1);
                if (volume != null && volume.unfinished > 0) {
                    throw new AssertionError(lower.pod() + " leaves with " + volume.unfinished + " messages");
                }
                set("orders-broker").replicas = lower.from() - 1;
            }
            case Disruption.LowerLookups lower -> set("orders-lookup").replicas = lower.from() - 1;
        }
    }

    private void stop(Disruption.Restart restart) {
        var pod = pods.get(restart.pod());
        if (pod == null || !pod.uid.equals(restart.uid())) {
            return;
        }
        if (pod.ready && !restart.lookup()) {
            stopped.add(restart.pod());
            if (stopped.size() > 1) {
                throw new AssertionError("stopped at once: " + stopped);
            }
        }
        pod.deleting = true;
        pod.ready = false;
    }

    private LiveSet set(String name) {
        return sets.computeIfAbsent(name, first -> new LiveSet());
    }

    private Volume volume(int ordinal) {
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

    ClusterFacts facts() {
        var brokers = new ArrayList<BrokerFacts>();
        var lookups = new ArrayList<LookupFacts>();
        pods.forEach((name, pod) -> {
            var facts = new PodFacts(
                    name, pod.uid, "10.0.0.1", pod.ready, pod.deleting, pod.revision, pod.acceptsPublishes, null, null);
            if (name.contains("-broker-")) {
                boolean answers = pod.ready && !pod.silent;
                brokers.add(new BrokerFacts(facts, answers ? report(facts.ordinal(), pod) : null, null));
            } else {
                lookups.add(new LookupFacts(facts, pod.ready && !pod.silent ? pod.knows : null));
            }
        });
        var names = ClusterNames.of(cluster);
        return new ClusterFacts(
                cluster,
                "waystation/waystation:0.1.0",
                Duration.ofSeconds(30),
                now,
                setFacts(names.brokerSet()),
                setFacts(names.lookupSet()),
                brokers,
                lookups,
                volumes.entrySet().stream()
                        .map(volume -> new ClaimFacts(
                                names.brokerClaim(volume.getKey()),
                                volume.getValue().size,
                                volume.getValue().size,
                                null))
                        .toList(),
                withoutVolume(),
                Findings.NONE);
    }

    private Set<Integer> withoutVolume() {
        int last = set("orders-broker").replicas - 1;
        return volumes.containsKey(last) ? Set.of() : Set.of(last);
    }

    private @Nullable SetFacts setFacts(String name) {
        var set = sets.get(name);
        return set == null || set.revision.isEmpty()
                ? null
                : new SetFacts(
                        name,
                        "1",
                        set.replicas,
                        set.seen ? set.revision : null,
                        set.image,
                        set.settingsHash,
                        set.claimSize);
    }

    private BrokerFacts.Report report(int ordinal, Pod pod) {
        var volume = volume(ordinal);
        var state = new BrokerState(
                "0.1.0",
                volume.clusterId,
                "volume-" + ordinal,
                volume.cordoned,
                new BrokerState.SafeToStop(random.nextInt(4) > 0, "recovery"));
        var settings = OPTIONS.stream()
                .map(name -> new BrokerSetting(
                        name,
                        pod.applied.getOrDefault(name, ""),
                        pod.applied.containsKey(name) ? "api" : "default",
                        ""))
                .toList();
        var drain = volume.cordoned ? new BrokerDrain(true, volume.unfinished, 0) : null;
        return new BrokerFacts.Report(state, settings, drain);
    }

    long generation() {
        return cluster.getMetadata().getGeneration();
    }
}
