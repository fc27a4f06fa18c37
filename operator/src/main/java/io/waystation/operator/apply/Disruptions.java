package io.waystation.operator.apply;

import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.waystation.operator.broker.BrokerClient;
import io.waystation.operator.broker.BrokerRefusedException;
import io.waystation.operator.broker.BrokerSilentException;
import io.waystation.operator.plan.ClusterNames;
import io.waystation.operator.plan.Disruption;
import io.waystation.operator.plan.PodFacts;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out disruptive acts: the only code that deletes pods or lowers a number of replicas. Each act looks
/// afresh at what it rests on, and is left for the next pass when that does not hold any more. Safe from any
/// thread: immutable.
public final class Disruptions {
    private static final Logger LOG = LoggerFactory.getLogger(Disruptions.class);

    private final KubernetesClient client;
    private final ServerSideApply apply;
    private final BrokerClient brokers;
    private final EventRecorder events;

    public Disruptions(KubernetesClient client, ServerSideApply apply, BrokerClient brokers, EventRecorder events) {
        this.client = client;
        this.apply = apply;
        this.brokers = brokers;
        this.events = events;
    }

    public void carryOut(HasMetadata cluster, ClusterNames names, Disruption disruption)
            throws BrokerSilentException, BrokerRefusedException {
        boolean done = switch (disruption) {
            case Disruption.Restart restart -> restart(names, restart);
            case Disruption.LowerBrokers lower -> lowerBrokers(names, lower);
            case Disruption.LowerLookups lower -> lowerLookups(names, lower);
        };
        if (!done) {
            LOG.atInfo()
                    .addKeyValue("cluster", names.namespace() + "/" + names.cluster())
                    .addKeyValue("pod", disruption.pod())
                    .log("left for the next pass: the facts have changed");
            return;
        }
        events.record(cluster, disruption.event());
    }

    private boolean restart(ClusterNames names, Disruption.Restart restart)
            throws BrokerSilentException, BrokerRefusedException {
        var set = set(names, restart.lookup() ? names.lookupSet() : names.brokerSet());
        var target = pod(names, restart.pod());
        if (set == null
                || target == null
                || !target.getMetadata().getUid().equals(restart.uid())
                || PodFacts.isReady(target) != restart.ready()) {
            return false;
        }
        if (restart.ready()) {
            boolean othersReady = IntStream.range(0, set.getSpec().getReplicas())
                    .mapToObj(ordinal -> set.getMetadata().getName() + "-" + ordinal)
                    .filter(name -> !name.equals(restart.pod()))
                    .allMatch(name -> isReady(pod(names, name)));
            if (!othersReady) {
                return false;
            }
            if (!restart.lookup() && !brokers.info(address(target)).safeToStop().safe()) {
                return false;
            }
        }
        return evict(target);
    }

    /// The eviction counts against the pods' budget, as those of node drains do.
    private boolean evict(Pod target) {
        var metadata = target.getMetadata();
        var eviction = new EvictionBuilder()
                .withNewMetadata()
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .endMetadata()
                .withDeleteOptions(new DeleteOptionsBuilder()
                        .withNewPreconditions()
                        .withUid(metadata.getUid())
                        .endPreconditions()
                        .build())
                .build();
        return client.pods()
                .inNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .evict(eviction);
    }

    private boolean lowerBrokers(ClusterNames names, Disruption.LowerBrokers lower)
            throws BrokerSilentException, BrokerRefusedException {
        var set = set(names, names.brokerSet());
        if (set == null || set.getSpec().getReplicas() != lower.from()) {
            return false;
        }
        var pod = pod(names, lower.pod());
        boolean empty;
        if (pod != null && PodFacts.isReady(pod)) {
            var drain = brokers.drain(address(pod));
            empty = drain.cordoned() && drain.unfinished() == 0;
        } else {
            empty = neverHadVolume(client, names, lower.from() - 1);
        }
        if (empty) {
            apply.patchOver(lower.lowered(), set.getMetadata().getResourceVersion());
        }
        return empty;
    }

    /// True only if there certainly never was one: its claim does not exist, or nothing has been bound to it.
    public static boolean neverHadVolume(KubernetesClient client, ClusterNames names, int ordinal) {
        var claim = client.persistentVolumeClaims()
                .inNamespace(names.namespace())
                .withName(names.brokerClaim(ordinal))
                .get();
        return claim == null || claim.getSpec().getVolumeName() == null;
    }

    private boolean lowerLookups(ClusterNames names, Disruption.LowerLookups lower) {
        var set = set(names, names.lookupSet());
        if (set == null || set.getSpec().getReplicas() != lower.from()) {
            return false;
        }
        boolean anotherIsReady = IntStream.range(0, lower.from() - 1)
                .mapToObj(names::lookupPod)
                .anyMatch(name -> isReady(pod(names, name)));
        if (anotherIsReady) {
            apply.patchOver(lower.lowered(), set.getMetadata().getResourceVersion());
        }
        return anotherIsReady;
    }

    private static boolean isReady(@Nullable Pod pod) {
        return pod != null && PodFacts.isReady(pod);
    }

    private static String address(Pod pod) {
        return pod.getStatus().getPodIP();
    }

    private @Nullable Pod pod(ClusterNames names, String name) {
        return client.pods().inNamespace(names.namespace()).withName(name).get();
    }

    private @Nullable StatefulSet set(ClusterNames names, String name) {
        return client.apps()
                .statefulSets()
                .inNamespace(names.namespace())
                .withName(name)
                .get();
    }
}
