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
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The operator's passes over one MessageCluster in a Kubernetes as far as the planner can tell; the operator may die
/// between any two writes. Confined to its test.
final class ClusterWorld {
    private static final List<String> OPTIONS = List.of("lookupd-tcp-address", "max-bytes-per-file", "msg-timeout");

    private final SplittableRandom random;
    private final MessageCluster cluster;
    private final WorldOfPods world;
    private Instant now = RandomCluster.NOW;
    private int writesLeft;

    ClusterWorld(SplittableRandom random, MessageClusterSpec spec) {
        this.random = random;
        this.cluster = RandomCluster.cluster(spec);
        this.world = new WorldOfPods(random, cluster);
    }

    /// The operator dies.
    private static final class Death extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    WorldOfPods world() {
        return world;
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
        var pod = world.pods.get(change.pod());
        if (pod != null) {
            pod.applied.putAll(change.values());
            var id = change.values().get("cluster-id");
            if (id != null) {
                world.volume(ClusterNames.ordinal(change.pod())).clusterId = id;
            }
        }
    }

    private boolean apply(HasMetadata object) {
        if (!(object instanceof StatefulSet desired)) {
            return false;
        }
        var name = desired.getMetadata().getName();
        var live = world.sets.computeIfAbsent(name, first -> new WorldOfPods.LiveSet());
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
        world.volume(ClusterNames.ordinal(claim.getMetadata().getName())).size =
                String.valueOf(ClaimFacts.text(claim.getSpec().getResources().getRequests()));
    }

    private void cordon(ClusterPlan.Cordon cordon) {
        write();
        var pod = world.pods.get(cordon.pod());
        if (pod != null && pod.uid.equals(cordon.podUid())) {
            pod.acceptsPublishes = !cordon.cordoned();
            world.volume(ClusterNames.ordinal(cordon.pod())).cordoned = cordon.cordoned();
        }
    }

    private void carryOut(Disruption disruption) {
        switch (disruption) {
            case Disruption.Restart restart -> stop(restart);
            case Disruption.LowerBrokers lower -> {
                var volume = world.volumes.get(lower.from() - 1);
                if (volume != null && volume.unfinished > 0) {
                    throw new AssertionError(lower.pod() + " leaves with " + volume.unfinished + " messages");
                }
                world.set("orders-broker").replicas = lower.from() - 1;
            }
            case Disruption.LowerLookups lower -> world.set("orders-lookup").replicas = lower.from() - 1;
        }
    }

    private void stop(Disruption.Restart restart) {
        var pod = world.pods.get(restart.pod());
        if (pod == null || !pod.uid.equals(restart.uid())) {
            return;
        }
        if (pod.ready && !restart.lookup()) {
            world.stopped.add(restart.pod());
            if (world.stopped.size() > 1) {
                throw new AssertionError("stopped at once: " + world.stopped);
            }
        }
        pod.deleting = true;
        pod.ready = false;
    }

    ClusterFacts facts() {
        var brokers = new ArrayList<BrokerFacts>();
        var lookups = new ArrayList<LookupFacts>();
        world.pods.forEach((name, pod) -> {
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
                world.volumes.entrySet().stream()
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
        int last = world.set("orders-broker").replicas - 1;
        return world.volumes.containsKey(last) ? Set.of() : Set.of(last);
    }

    private @Nullable SetFacts setFacts(String name) {
        var set = world.sets.get(name);
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

    private BrokerFacts.Report report(int ordinal, WorldOfPods.Pod pod) {
        var volume = world.volume(ordinal);
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
