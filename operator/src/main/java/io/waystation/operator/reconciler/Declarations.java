package io.waystation.operator.reconciler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.Correction;
import io.waystation.operator.api.DeletionPolicy;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.TopicReason;
import io.waystation.operator.apply.EventRecorder;
import io.waystation.operator.apply.Finalizers;
import io.waystation.operator.apply.ServerSideApply;
import io.waystation.operator.broker.BrokerClient;
import io.waystation.operator.broker.Owner;
import io.waystation.operator.plan.BrokerView;
import io.waystation.operator.plan.Corrections;
import io.waystation.operator.plan.DeclarationEvents;
import io.waystation.operator.plan.DeclarationFacts;
import io.waystation.operator.plan.DeclarationFacts.Place;
import io.waystation.operator.plan.DeclarationPlan;
import io.waystation.operator.plan.DeclarationPlanner;
import io.waystation.operator.plan.DeletionPlanner;
import io.waystation.operator.plan.DeletionPlanner.Verdict;
import io.waystation.operator.plan.Pause;
import io.waystation.operator.plan.TopicStatuses;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// The passes of Topics and Channels, as far as they are the same. Safe from any thread: immutable, apart from the
/// bulkheads.
public final class Declarations {
    /// Lets a resource follow a MessageCluster that is not the one it was declared on: the value is the new one's
    /// identity.
    private static final String ACCEPT_CLUSTER = "waystation.io/accept-cluster";

    /// For what brokers have refused, or another resource has: neither tells when that changes.
    private static final Duration REFUSED = Duration.ofSeconds(30);

    /// For what cannot be done before something else exists or changes, whose event wakes the resource.
    private static final Duration UNTIL_WOKEN = Duration.ofMinutes(15);

    private static final Duration WORKING = Duration.ofSeconds(2);

    private final KubernetesClient client;
    private final BrokerClient brokers;
    private final Duration driftInterval;
    private final Clock clock;
    private final Passes passes;
    private final ServerSideApply apply;
    private final Finalizers finalizers;
    private final EventRecorder events;
    private final Bulkheads bulkheads = new Bulkheads();

    public Declarations(
            KubernetesClient client, BrokerClient brokers, Duration driftInterval, Clock clock, Passes passes) {
        this.client = client;
        this.brokers = brokers;
        this.driftInterval = driftInterval;
        this.clock = clock;
        this.passes = passes;
        this.apply = new ServerSideApply(client);
        this.finalizers = new Finalizers(client);
        this.events = new EventRecorder(client, clock);
    }

    /// What a pass came to.
    record Outcome(
            Place place,
            List<BrokerView> brokers,
            List<Condition> conditions,
            List<Correction> corrections,
            Duration nextPass) {}

    /// What the status of a resource said before.
    record Before(
            @Nullable Long observedGeneration,
            List<Condition> conditions,
            @Nullable List<Correction> corrections) {}

    KubernetesClient client() {
        return client;
    }

    BrokerClient brokers() {
        return brokers;
    }

    /// Runs a pass over a resource of this cluster.
    <T> T pass(String cluster, Callable<T> pass) throws Exception {
        return bulkheads.within(cluster, () -> passes.timed(pass));
    }

    void keepFinalizer(HasMetadata resource, boolean wanted) {
        if (wanted && !resource.hasFinalizer(Finalizers.NAME)) {
            finalizers.add(resource);
        } else if (!wanted && resource.hasFinalizer(Finalizers.NAME)) {
            finalizers.remove(resource);
        }
    }

    Place place(HasMetadata resource, String name, @Nullable MessageCluster cluster, @Nullable String declaredOn) {
        if (cluster == null) {
            return unlessPaused(resource, new Place.NoCluster(name));
        }
        var clusterId = cluster.getStatus() == null ? null : cluster.getStatus().clusterId();
        var annotations = resource.getMetadata().getAnnotations();
        boolean accepted =
                annotations != null && clusterId != null && clusterId.equals(annotations.get(ACCEPT_CLUSTER));
        return unlessPaused(resource, new Place.Cluster(name, clusterId, accepted ? clusterId : declaredOn));
    }

    static Place unlessPaused(HasMetadata resource, Place place) {
        return Pause.isSet(resource) ? new Place.Paused() : place;
    }

    Outcome declare(HasMetadata resource, Subject subject, Before before, Place place, List<BrokerView> brokerViews) {
        var pass = new DeclarationPass(client, resource.getClass(), subject, self(resource));
        boolean hands = place instanceof Place.Cluster cluster && !cluster.isReplaced();
        var views = hands ? pass.read(brokerViews) : List.<BrokerView>of();
        var facts = new DeclarationFacts(
                self(resource),
                resource.getMetadata().getGeneration(),
                before.conditions(),
                Corrections.known(
                        before.corrections(),
                        before.observedGeneration(),
                        resource.getMetadata().getGeneration()),
                clock.instant(),
                subject.wanted(),
                place,
                views,
                pass.living(views),
                Set.of());
        var plan = DeclarationPlanner.plan(facts);
        if (!plan.steps().isEmpty()) {
            facts = pass.carryOut(plan.steps(), facts, event -> events.record(resource, event));
            plan = DeclarationPlanner.plan(facts);
        }
        return new Outcome(place, facts.brokers(), plan.conditions(), plan.corrections(), nextPass(plan, facts));
    }

    private Duration nextPass(DeclarationPlan plan, DeclarationFacts facts) {
        if (plan.settled()) {
            return Jitter.around(driftInterval);
        }
        if (facts.brokers().stream().noneMatch(view -> view.address() != null)) {
            return Jitter.around(UNTIL_WOKEN);
        }
        return Jitter.around(Condition.holds(plan.conditions(), ConditionType.Stalled) ? REFUSED : WORKING);
    }

    /// Null when the resource is released. `brokerViews` is null when there is no cluster any more.
    @Nullable Outcome delete(
            HasMetadata resource,
            Subject subject,
            DeletionPolicy policy,
            List<Condition> previous,
            @Nullable List<BrokerView> brokerViews) {
        if (!resource.hasFinalizer(Finalizers.NAME)) {
            return null;
        }
        if (Pause.isSet(resource)) {
            return outcome(
                    resource, previous, List.of(), TopicReason.Paused, "deletion waits: " + Pause.MESSAGE, UNTIL_WOKEN);
        }
        var pass = new DeclarationPass(client, resource.getClass(), subject, self(resource));
        var views =
                brokerViews == null || policy == DeletionPolicy.Retain ? List.<BrokerView>of() : pass.read(brokerViews);
        var verdict = verdict(resource, policy, brokerViews != null, views);
        if (verdict instanceof Verdict.Delete deletion) {
            views = pass.carryOut(deletion, views);
            verdict = verdict(resource, policy, true, views);
        }
        return switch (verdict) {
            case Verdict.Release release -> {
                events.record(resource, release.event());
                finalizers.remove(resource);
                yield null;
            }
            case Verdict.Delete again ->
                outcome(resource, previous, views, TopicReason.Deleting, "deletion goes on", WORKING);
            case Verdict.Wait wait -> outcome(resource, previous, views, wait.reason(), wait.message(), WORKING);
        };
    }

    private Verdict verdict(
            HasMetadata resource, DeletionPolicy policy, boolean clusterExists, List<BrokerView> views) {
        return DeletionPlanner.plan(new DeletionPlanner.Facts(
                resource.getMetadata().getUid(),
                policy,
                clusterExists,
                Instant.parse(resource.getMetadata().getDeletionTimestamp()),
                clock.instant(),
                views));
    }

    private Outcome outcome(
            HasMetadata resource,
            List<Condition> previous,
            List<BrokerView> views,
            TopicReason reason,
            String message,
            Duration nextPass) {
        var generation = resource.getMetadata().getGeneration();
        var conditions = TopicStatuses.deleting(previous, generation, clock.instant(), reason, message);
        return new Outcome(new Place.NoCluster(""), views, conditions, List.of(), nextPass);
    }

    <S, T, R extends CustomResource<S, T>> void writeStatus(
            R resource, R fresh, List<Condition> before, List<Condition> after) {
        apply.status(resource, fresh);
        DeclarationEvents.between(before, after).forEach(event -> events.record(resource, event));
    }

    private static Owner self(HasMetadata resource) {
        var metadata = resource.getMetadata();
        return new Owner(metadata.getUid(), metadata.getNamespace() + "/" + metadata.getName());
    }

    /// Whether what Topics and Channels need to know of a MessageCluster has changed.
    static boolean isAnotherCluster(MessageCluster now, MessageCluster before) {
        return !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || now.isMarkedForDeletion() != before.isMarkedForDeletion()
                || !Objects.equals(clusterId(now), clusterId(before));
    }

    private static @Nullable String clusterId(MessageCluster cluster) {
        return cluster.getStatus() == null ? null : cluster.getStatus().clusterId();
    }
}
