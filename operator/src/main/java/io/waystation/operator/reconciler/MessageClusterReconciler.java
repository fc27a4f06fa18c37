package io.waystation.operator.reconciler;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.MessageClusterStatus;
import io.waystation.operator.apply.ClusterObjects;
import io.waystation.operator.apply.Cordons;
import io.waystation.operator.apply.Disruptions;
import io.waystation.operator.apply.EventRecorder;
import io.waystation.operator.apply.ServerSideApply;
import io.waystation.operator.broker.BrokerClient;
import io.waystation.operator.broker.BrokerRefusedException;
import io.waystation.operator.broker.BrokerSilentException;
import io.waystation.operator.plan.ClusterEvents;
import io.waystation.operator.plan.ClusterFacts;
import io.waystation.operator.plan.ClusterNames;
import io.waystation.operator.plan.ClusterPlan;
import io.waystation.operator.plan.ClusterPlanner;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes MessageClusters so, pass by pass.
@ControllerConfiguration(
        name = "messagecluster",
        fieldManager = ServerSideApply.FIELD_MANAGER,
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = SpecChanged.class))
public final class MessageClusterReconciler implements Reconciler<MessageCluster> {
    private static final Logger LOG = LoggerFactory.getLogger(MessageClusterReconciler.class);
    private static final Duration SETTLED = Duration.ofMinutes(3);

    /// Only a person ends it, mostly by an edit that wakes the resource; what was refused elsewhere tells nobody.
    private static final Duration STALLED = Duration.ofSeconds(15);

    private static final Duration WAITING = Duration.ofSeconds(5);
    private static final Duration WORKING = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final BrokerClient brokers;
    private final Passes passes;
    private final ClusterReader reader;
    private final ServerSideApply apply;
    private final ClusterObjects objects;
    private final Cordons cordons;
    private final EventRecorder events;
    private final Disruptions disruptions;

    public MessageClusterReconciler(
            KubernetesClient client,
            BrokerClient brokers,
            String defaultImage,
            Duration notice,
            Clock clock,
            Passes passes) {
        this.client = client;
        this.passes = passes;
        this.brokers = brokers;
        this.reader = new ClusterReader(client, brokers, defaultImage, notice, clock);
        this.apply = new ServerSideApply(client);
        this.cordons = new Cordons(apply, brokers);
        this.events = new EventRecorder(client, clock);
        this.objects = new ClusterObjects(client, apply, events);
        this.disruptions = new Disruptions(client, apply, brokers, events);
    }

    @Override
    public UpdateControl<MessageCluster> reconcile(MessageCluster cached, Context<MessageCluster> context)
            throws Exception {
        return passes.timed(() -> pass(cached, context));
    }

    private UpdateControl<MessageCluster> pass(MessageCluster cached, Context<MessageCluster> context)
            throws InterruptedException {
        var cluster = client.resource(cached).get();
        if (cluster == null || cluster.isMarkedForDeletion()) {
            return UpdateControl.noUpdate();
        }
        var facts = changeSettings(reader.read(cluster));
        var plan = ClusterPlanner.plan(facts);
        facts = objects.apply(facts, plan, context);
        facts = grow(facts, plan.growths(), context);
        carryOut(plan.cordons(), ClusterNames.of(cluster));
        plan = ClusterPlanner.plan(facts);
        writeStatus(cluster, plan.status());
        boolean disrupted = disrupt(cluster, plan);
        return UpdateControl.<MessageCluster>noUpdate()
                .rescheduleAfter(nextPass(cluster, plan, facts.findings().outOfDate() || disrupted));
    }

    private ClusterFacts changeSettings(ClusterFacts facts) {
        for (var change : ClusterPlanner.plan(facts).settingsChanges()) {
            try {
                brokers.changeSettings(change.address(), change.values());
            } catch (BrokerRefusedException refused) {
                return facts.withRefusal("spec.brokers.settings: " + change.pod() + ": " + refused.getMessage());
            } catch (BrokerSilentException silent) {
                logSilence(change.pod(), silent);
            }
        }
        return facts;
    }

    private ClusterFacts grow(ClusterFacts facts, List<PersistentVolumeClaim> claims, Context<MessageCluster> context) {
        for (var claim : claims) {
            try {
                apply.apply(claim, context);
            } catch (KubernetesClientException failed) {
                if (!ClusterObjects.isRefusal(failed)) {
                    throw failed;
                }
                return facts.withGrowthRefusal(
                        claim.getMetadata().getName() + " cannot grow: " + ClusterObjects.words(failed));
            }
        }
        return facts;
    }

    private void carryOut(List<ClusterPlan.Cordon> planned, ClusterNames names) {
        for (var cordon : planned) {
            try {
                cordons.carryOut(names.namespace(), cordon);
            } catch (BrokerSilentException | BrokerRefusedException none) {
                logSilence(cordon.pod(), none);
            }
        }
    }

    private void writeStatus(MessageCluster cluster, MessageClusterStatus status) {
        var fresh = new MessageCluster();
        fresh.setStatus(status);
        if (apply.status(cluster, fresh)) {
            for (var event : ClusterEvents.between(cluster, status)) {
                events.record(cluster, event);
            }
        }
    }

    private boolean disrupt(MessageCluster cluster, ClusterPlan plan) {
        if (plan.disruption() == null) {
            return false;
        }
        try {
            disruptions.carryOut(cluster, ClusterNames.of(cluster), plan.disruption());
            return true;
        } catch (BrokerSilentException | BrokerRefusedException none) {
            logSilence(plan.disruption().pod(), none);
            return false;
        }
    }

    private static void logSilence(String pod, Exception cause) {
        LOG.atInfo()
                .addKeyValue("pod", pod)
                .addKeyValue("cause", cause.getMessage())
                .log("broker not reached; the next pass tries again");
    }

    /// Events bring most passes; these are for what has none, the brokers' answers above all.
    private static Duration nextPass(MessageCluster cluster, ClusterPlan plan, boolean changed) {
        if (changed
                || !plan.settingsChanges().isEmpty()
                || !plan.cordons().isEmpty()
                || !Objects.equals(
                        plan.status().operation(),
                        cluster.getStatus() == null ? null : cluster.getStatus().operation())) {
            return WORKING;
        }
        if (plan.settled()) {
            return Jitter.around(SETTLED);
        }
        if (plan.status().operation() != null) {
            return WORKING.multipliedBy(2);
        }
        return Condition.holds(plan.status().conditionList(), ConditionType.Stalled) ? Jitter.around(STALLED) : WAITING;
    }

    @Override
    public List<EventSource<?, MessageCluster>> prepareEventSources(EventSourceContext<MessageCluster> context) {
        return List.of(
                owned(StatefulSet.class, context),
                owned(Service.class, context),
                owned(ConfigMap.class, context),
                owned(PodDisruptionBudget.class, context),
                pods(context));
    }

    private static <T extends HasMetadata> EventSource<T, MessageCluster> owned(
            Class<T> type, EventSourceContext<MessageCluster> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(type, MessageCluster.class)
                        .withLabelSelector(ClusterNames.MANAGED_BY + "=" + ClusterNames.OPERATOR)
                        .withNamespacesInheritedFromController()
                        .build(),
                context);
    }

    private static EventSource<Pod, MessageCluster> pods(EventSourceContext<MessageCluster> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, MessageCluster.class)
                        .withLabelSelector(ClusterNames.MANAGED_BY + "=" + ClusterNames.OPERATOR)
                        .withNamespacesInheritedFromController()
                        .withSecondaryToPrimaryMapper(MessageClusterReconciler::clusterOf)
                        .build(),
                context);
    }

    private static Set<ResourceID> clusterOf(Pod pod) {
        var cluster = pod.getMetadata().getLabels().get(ClusterNames.INSTANCE);
        return cluster == null
                ? Set.of()
                : Set.of(new ResourceID(cluster, pod.getMetadata().getNamespace()));
    }
}
