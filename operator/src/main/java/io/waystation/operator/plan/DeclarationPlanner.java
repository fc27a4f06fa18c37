package io.waystation.operator.plan;

import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.Correction;
import io.waystation.operator.api.EventReason;
import io.waystation.operator.api.TopicReason;
import io.waystation.operator.broker.Owner;
import io.waystation.operator.plan.DeclarationFacts.Place;
import io.waystation.operator.plan.DeclarationPlan.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Plans a pass over a Topic or Channel: that it exists on every ready broker, belongs to the resource, and has the
/// given keys.
///
/// Two resources may name the same topic. The one that is recorded on the broker of the lowest ordinal has it; the
/// other touches nothing, and gives up what it may have got on other brokers.
public final class DeclarationPlanner {
    /// How long it stays visible that someone changed something: for who looks now and then.
    private static final Duration DRIFT_SHOWN = Duration.ofHours(1);

    private final DeclarationFacts facts;
    private final Conditions conditions;
    private final List<Correction> corrections;
    private final List<String> held;

    private DeclarationPlanner(DeclarationFacts facts) {
        this.facts = facts;
        this.conditions = new Conditions(facts.previous(), facts.generation(), facts.now());
        this.corrections = Corrections.after(
                facts.known(),
                facts.corrected().stream()
                        .map(field -> new Corrected(field, null))
                        .toList(),
                facts.now());
        this.held = Corrections.held(facts.known(), facts.now());
    }

    public static DeclarationPlan plan(DeclarationFacts facts) {
        return new DeclarationPlanner(facts).plan();
    }

    private DeclarationPlan plan() {
        return switch (facts.place()) {
            case Place.Paused paused -> {
                conditions.pause(TopicReason.Paused);
                yield planned(List.of(), true);
            }
            case Place.NoTopic none ->
                nothing("Unknown", TopicReason.TopicNotFound, "there is no Topic " + none.topic());
            case Place.NoCluster none ->
                nothing("Unknown", TopicReason.ClusterNotFound, "there is no MessageCluster " + none.cluster());
            case Place.Cluster cluster
            when cluster.isReplaced() ->
                stalled(
                        List.of(),
                        TopicReason.ClusterReplaced,
                        "MessageCluster " + cluster.cluster() + " is another one now: " + cluster.clusterId() + ", not "
                                + cluster.accepted());
            case Place.Cluster cluster -> onCluster(cluster);
        };
    }

    private DeclarationPlan onCluster(Place.Cluster cluster) {
        var winner = winner();
        if (winner != null && !isSelf(winner)) {
            conditions.set(ConditionType.Conflict, true, TopicReason.OwnedByOther, "it belongs to " + winner.ref());
            return stalled(releases(), TopicReason.OwnedByOther, "it belongs to " + winner.ref());
        }
        drifted();
        for (var view : facts.brokers()) {
            if (view.state() instanceof OnBroker.Refused refused) {
                return stalled(
                        declarations(), TopicReason.ConfigRejected, view.pod() + " refuses it: " + refused.why());
            }
        }
        boolean someAnswer = facts.brokers().stream()
                .anyMatch(view ->
                        !(view.state() instanceof OnBroker.NotReady || view.state() instanceof OnBroker.Silent));
        if (!someAnswer) {
            return noneAnswers(cluster.cluster());
        }
        return applied();
    }

    private void drifted() {
        var fights = Corrections.fights(corrections);
        if (fights != null) {
            conditions.set(ConditionType.Drifted, true, TopicReason.ChangedAgain, fights);
            return;
        }
        if (!facts.corrected().isEmpty()) {
            conditions.set(
                    ConditionType.Drifted,
                    true,
                    TopicReason.ChangedBack,
                    "changed by hand, and back again: " + String.join(", ", facts.corrected()));
            return;
        }
        Condition.find(facts.previous(), ConditionType.Drifted)
                .filter(drifted -> drifted.reason().equals(TopicReason.ChangedBack.name())
                        && Objects.equals(drifted.observedGeneration(), facts.generation())
                        && drifted.lastTransitionTime() != null
                        && facts.now()
                                .isBefore(Instant.parse(drifted.lastTransitionTime())
                                        .plus(DRIFT_SHOWN)))
                .ifPresent(drifted ->
                        conditions.set(ConditionType.Drifted, true, TopicReason.ChangedBack, drifted.message()));
    }

    private DeclarationPlan noneAnswers(String cluster) {
        boolean silent = facts.brokers().stream().anyMatch(view -> view.state() instanceof OnBroker.Silent);
        var reason = silent ? TopicReason.BrokerUnreachable : TopicReason.ClusterNotReady;
        var message = "no broker of " + cluster + (silent ? " answers" : " is ready");
        if (!wasCarriedOut()) {
            conditions.set(ConditionType.Reconciling, true, reason, message);
        }
        return nothing(silent ? "Unknown" : "False", reason, message);
    }

    private DeclarationPlan applied() {
        var missing = new ArrayList<String>();
        var silent = new ArrayList<String>();
        int have = 0;
        for (var view : facts.brokers()) {
            switch (view.state()) {
                case OnBroker.Present present when isDone(present) -> have++;
                case OnBroker.Present present -> missing.add(view.pod());
                case OnBroker.Absent absent -> missing.add(view.pod());
                case OnBroker.TopicAbsent absent -> missing.add(view.pod());
                case OnBroker.Cordoned leaving -> {}
                case OnBroker.NotReady notReady -> {}
                case OnBroker.Silent none -> silent.add(view.pod());
                case OnBroker.Refused refused -> missing.add(view.pod());
                case OnBroker.NotEmpty there -> missing.add(view.pod());
            }
        }
        if (!missing.isEmpty()) {
            conditions.set(
                    ConditionType.Reconciling, true, TopicReason.Applying, "not yet on " + String.join(", ", missing));
        } else if (!silent.isEmpty() && !wasCarriedOut()) {
            conditions.set(
                    ConditionType.Reconciling,
                    true,
                    TopicReason.BrokerUnreachable,
                    String.join(", ", silent) + " does not answer");
        }
        var places = places(have);
        if (have > 0 && (missing.isEmpty() || wasReady())) {
            conditions.set(ConditionType.Ready, true, TopicReason.Applied, places);
        } else if (missing.isEmpty()) {
            conditions.set(ConditionType.Ready, false, TopicReason.ClusterNotReady, "no broker takes anything new");
        } else {
            conditions.set(ConditionType.Ready, false, TopicReason.Applying, places);
        }
        return planned(declarations(), have > 0 && silent.isEmpty() && missing.isEmpty());
    }

    private String places(int have) {
        return "on " + have + " of " + facts.brokers().size() + " brokers";
    }

    /// Whether this generation was there on every broker, so that what is otherwise now was changed since. One
    /// that was away while the spec changed is only late.
    private boolean wasEverywhere() {
        return wasCarriedOut()
                && Condition.find(facts.previous(), ConditionType.Ready)
                        .filter(ready ->
                                ready.message().equals(places(facts.brokers().size())))
                        .isPresent();
    }

    private boolean wasReady() {
        return Condition.find(facts.previous(), ConditionType.Ready)
                .filter(ready -> ready.holds() && Objects.equals(ready.observedGeneration(), facts.generation()))
                .isPresent();
    }

    /// Whether this generation was carried out once: what comes later is no unfinished work.
    private boolean wasCarriedOut() {
        return Condition.find(facts.previous(), ConditionType.Ready)
                        .filter(ready -> Objects.equals(ready.observedGeneration(), facts.generation()))
                        .isPresent()
                && Condition.find(facts.previous(), ConditionType.Reconciling).isEmpty()
                && Condition.find(facts.previous(), ConditionType.Stalled).isEmpty();
    }

    private DeclarationPlan nothing(String ready, TopicReason reason, String message) {
        conditions.set(ConditionType.Ready, ready, reason, message);
        return planned(List.of(), false);
    }

    private DeclarationPlan stalled(List<Step> steps, TopicReason reason, String message) {
        conditions.set(ConditionType.Ready, false, reason, message);
        conditions.set(ConditionType.Stalled, true, reason, message);
        return planned(steps, false);
    }

    private DeclarationPlan planned(List<Step> steps, boolean settled) {
        return new DeclarationPlan(steps, conditions.list(), corrections, settled);
    }

    private @Nullable Owner winner() {
        for (var view : facts.brokers()) {
            if (view.state() instanceof OnBroker.Present present
                    && present.owner() != null
                    && (isSelf(present.owner()) || isAlive(present.owner()))) {
                return present.owner();
            }
        }
        return null;
    }

    private boolean isSelf(Owner owner) {
        return owner.uid().equals(facts.self().uid());
    }

    private boolean isAlive(Owner owner) {
        return facts.livingOwners().contains(owner.uid());
    }

    /// What somebody else changes again and again is left as it is for a while.
    private boolean isDone(OnBroker.Present present) {
        return present.owner() != null
                && isSelf(present.owner())
                && held.containsAll(facts.wanted().differingFields(present));
    }

    private List<Step> releases() {
        var steps = new ArrayList<Step>();
        for (var view : facts.brokers()) {
            if (view.address() != null
                    && view.state() instanceof OnBroker.Present present
                    && present.owner() != null
                    && isSelf(present.owner())) {
                steps.add(new Step.Release(view.pod(), view.address()));
            }
        }
        return steps;
    }

    private List<Step> declarations() {
        var steps = new ArrayList<Step>();
        for (var view : facts.brokers()) {
            if (view.address() == null) {
                continue;
            }
            switch (view.state()) {
                case OnBroker.Absent absent ->
                    steps.add(new Step.Declare(view.pod(), view.address(), null, null, List.of()));
                case OnBroker.Present present
                when !isDone(present) && !isOthers(present) -> steps.add(change(view.pod(), view.address(), present));
                default -> {}
            }
        }
        return steps;
    }

    /// Of a topic or channel that was there before the resource, or was changed by hand since.
    private Step change(String pod, String address, OnBroker.Present present) {
        var owner = present.owner();
        if (owner == null || !isSelf(owner)) {
            var adopted = new PlannedEvent(EventReason.Adopted, "what was there on " + pod);
            return new Step.Declare(pod, address, owner == null ? null : owner.uid(), adopted, List.of());
        }
        var changes = String.join(", ", facts.wanted().differences(present));
        return new Step.Declare(
                pod,
                address,
                null,
                new PlannedEvent(EventReason.Changed, changes + " now on " + pod),
                wasEverywhere() ? facts.wanted().differingFields(present) : List.of());
    }

    /// The other one will give it up.
    private boolean isOthers(OnBroker.Present present) {
        return present.owner() != null && !isSelf(present.owner()) && isAlive(present.owner());
    }
}
