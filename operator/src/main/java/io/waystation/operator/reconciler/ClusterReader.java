package io.waystation.operator.reconciler;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.apply.Disruptions;
import io.waystation.operator.broker.BrokerClient;
import io.waystation.operator.broker.BrokerRefusedException;
import io.waystation.operator.broker.BrokerSilentException;
import io.waystation.operator.plan.BrokerFacts;
import io.waystation.operator.plan.ClaimFacts;
import io.waystation.operator.plan.ClusterFacts;
import io.waystation.operator.plan.ClusterNames;
import io.waystation.operator.plan.Findings;
import io.waystation.operator.plan.LookupFacts;
import io.waystation.operator.plan.PodFacts;
import io.waystation.operator.plan.SetFacts;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Reads all facts of a cluster afresh. A read that fails ends the pass; a broker or lookup that does not answer is
/// a fact. Safe from any thread: immutable.
final class ClusterReader {
    /// Calls to brokers and lookups of one cluster at once.
    private static final int CALLS = 4;

    private final KubernetesClient client;
    private final BrokerClient brokers;
    private final String defaultImage;
    private final Duration notice;
    private final Clock clock;

    ClusterReader(KubernetesClient client, BrokerClient brokers, String defaultImage, Duration notice, Clock clock) {
        this.client = client;
        this.brokers = brokers;
        this.defaultImage = defaultImage;
        this.notice = notice;
        this.clock = clock;
    }

    ClusterFacts read(MessageCluster cluster) throws InterruptedException {
        var names = ClusterNames.of(cluster);
        var brokerSet = set(names, names.brokerSet());
        var lookupSet = set(names, names.lookupSet());
        var pods = client.pods()
                .inNamespace(names.namespace())
                .withLabel(ClusterNames.MANAGED_BY, ClusterNames.OPERATOR)
                .withLabel(ClusterNames.INSTANCE, names.cluster())
                .list()
                .getItems();
        var brokerFacts = inParallel(ownedBy(brokerSet, pods), this::broker);
        var lookupFacts = inParallel(ownedBy(lookupSet, pods), this::lookup);
        return new ClusterFacts(
                cluster,
                defaultImage,
                notice,
                clock.instant(),
                brokerSet == null ? null : SetFacts.of(brokerSet),
                lookupSet == null ? null : SetFacts.of(lookupSet),
                brokerFacts,
                lookupFacts,
                claims(names),
                withoutVolume(cluster, names, brokerSet, brokerFacts),
                Findings.NONE);
    }

    private @Nullable StatefulSet set(ClusterNames names, String name) {
        return client.apps()
                .statefulSets()
                .inNamespace(names.namespace())
                .withName(name)
                .get();
    }

    /// Those that a StatefulSet of the cluster made, also when that set is another one now: it knows them by name.
    private List<ClaimFacts> claims(ClusterNames names) {
        return client
                .persistentVolumeClaims()
                .inNamespace(names.namespace())
                .withLabels(names.selector(ClusterNames.BROKER))
                .list()
                .getItems()
                .stream()
                .map(ClaimFacts::of)
                .filter(claim -> names.isBrokerClaim(claim.name()))
                .toList();
    }

    /// By the owner's uid, never by labels that someone may have changed.
    private static List<Pod> ownedBy(@Nullable StatefulSet set, List<Pod> pods) {
        if (set == null) {
            return List.of();
        }
        var uid = set.getMetadata().getUid();
        return pods.stream()
                .filter(pod -> pod.getMetadata().getOwnerReferences().stream()
                        .anyMatch(owner -> owner.getUid().equals(uid)))
                .sorted(Comparator.comparingInt(
                        pod -> ClusterNames.ordinal(pod.getMetadata().getName())))
                .toList();
    }

    private BrokerFacts broker(Pod pod) {
        var facts = PodFacts.of(pod);
        var address = facts.address();
        if (address == null || facts.deleting()) {
            return new BrokerFacts(facts, null, null);
        }
        try {
            var info = brokers.info(address);
            var settings = brokers.settings(address);
            var drain = info.cordoned() ? brokers.drain(address) : null;
            return new BrokerFacts(facts, new BrokerFacts.Report(info, settings, drain), null);
        } catch (BrokerSilentException | BrokerRefusedException none) {
            return new BrokerFacts(facts, null, none.getMessage());
        }
    }

    private LookupFacts lookup(Pod pod) {
        var facts = PodFacts.of(pod);
        if (!facts.ready() || facts.address() == null) {
            return new LookupFacts(facts, null);
        }
        try {
            return new LookupFacts(facts, brokers.registeredBrokers(facts.address()));
        } catch (BrokerSilentException | BrokerRefusedException none) {
            return new LookupFacts(facts, null);
        }
    }

    /// Asked only of the broker that would leave next, and only when it cannot be asked itself.
    private Set<Integer> withoutVolume(
            MessageCluster cluster, ClusterNames names, @Nullable StatefulSet set, List<BrokerFacts> brokerFacts) {
        int last = set == null ? -1 : set.getSpec().getReplicas() - 1;
        if (last < cluster.getSpec().brokers().count()) {
            return Set.of();
        }
        boolean answers =
                brokerFacts.stream().anyMatch(broker -> broker.pod().ordinal() == last && broker.report() != null);
        return !answers && Disruptions.neverHadVolume(client, names, last) ? Set.of(last) : Set.of();
    }

    private static <T> List<T> inParallel(List<Pod> pods, java.util.function.Function<Pod, T> read)
            throws InterruptedException {
        var permits = new Semaphore(CALLS);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var reads = pods.stream()
                    .map(pod -> (Callable<T>) () -> {
                        permits.acquire();
                        try {
                            return read.apply(pod);
                        } finally {
                            permits.release();
                        }
                    })
                    .toList();
            return threads.invokeAll(reads).stream().map(ClusterReader::result).toList();
        }
    }

    private static <T> T result(java.util.concurrent.Future<T> read) {
        try {
            return read.get();
        } catch (ExecutionException | InterruptedException failed) {
            throw new IllegalStateException("reading a pod", failed);
        }
    }
}
