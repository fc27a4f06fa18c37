package io.waystation.operator.plan;

import io.waystation.operator.api.ClusterReason;
import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.MessageClusterStatus;
import io.waystation.operator.api.MessageClusterStatus.Broker;
import io.waystation.operator.api.MessageClusterStatus.Drain;
import io.waystation.operator.api.MessageClusterStatus.Endpoint;
import io.waystation.operator.api.MessageClusterStatus.Operation;
import io.waystation.operator.broker.BrokerDrain;
import io.waystation.operator.plan.DisruptionPlanner.Decision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The status of a cluster, from facts and from the status before.
///
/// `Ready` becomes true when all brokers and lookups are ready for the first time, and from then on stays true while at
/// least
/// one of each is. `Reconciling` lasts from a new generation until it is carried out, and does not come back for the
/// same
/// generation: an unasked-for roll is `Progressing` only, a lost broker `Degraded` only.
final class ClusterConditions {
    private static final Duration DRAIN_REFRESH = Duration.ofSeconds(10);

    private final ClusterFacts facts;
    private final ClusterIdentity identity;
    private final Decision decision;
    private final long generation;
    private final Conditions conditions;
    private final Map<Integer, String> brokerTroubles = new TreeMap<>();
    private final Map<Integer, String> lookupTroubles = new TreeMap<>();
    private final boolean complete;
    private @Nullable ClusterReason brokerReason;
    private @Nullable ClusterReason lookupReason;

    ClusterConditions(ClusterFacts facts, ClusterIdentity identity, Decision decision, boolean carriedOut) {
        this.facts = facts;
        this.identity = identity;
        this.decision = decision;
        this.generation = facts.cluster().getMetadata().getGeneration();
        this.conditions = new Conditions(facts.status().conditionList(), generation, facts.now());
        findBrokerTroubles();
        findLookupTroubles();
        this.complete =
                carriedOut && brokerTroubles.isEmpty() && lookupTroubles.isEmpty() && setsFollow() && allAnswered();
    }

    static boolean isHealthy(MessageClusterStatus status) {
        return Condition.holds(status.conditionList(), ConditionType.Ready)
                && Condition.holds(status.conditionList(), ConditionType.BrokersReady)
                && Condition.holds(status.conditionList(), ConditionType.LookupReady)
                && Condition.find(status.conditionList(), ConditionType.Reconciling)
                        .isEmpty();
    }

    MessageClusterStatus status() {
        ready();
        brokersReady();
        lookupReady();
        reconciling();
        progressing();
        degraded();
        blocked();
        var names = facts.names();
        return new MessageClusterStatus(
                generation,
                conditions.list(),
                identity.mismatch() == null
                        ? identity.clusterId()
                        : facts.status().clusterId(),
                facts.brokers().size(),
                readyBrokers(),
                names.selector(ClusterNames.BROKER).entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .collect(Collectors.joining(",")),
                readyWanted(facts.wantedBrokers(), facts::isBrokerReady),
                readyWanted(facts.wantedLookups(), facts::isLookupReady),
                version(),
                brokers(),
                decision.operation(),
                endpoints(names));
    }

    private static String readyWanted(int wanted, IntPredicate ready) {
        return IntStream.range(0, wanted).filter(ready).count() + "/" + wanted;
    }

    private int readyBrokers() {
        return (int)
                facts.brokers().stream().filter(broker -> broker.pod().ready()).count();
    }

    private long readyLookups() {
        return facts.lookups().stream().filter(lookup -> lookup.pod().ready()).count();
    }

    private void findBrokerTroubles() {
        for (int ordinal = 0; ordinal < facts.wantedBrokers(); ordinal++) {
            var broker = facts.broker(ordinal).orElse(null);
            if (broker == null || !broker.pod().ready()) {
                var pod = broker == null ? null : broker.pod();
                brokerTroubles.put(ordinal, notReady(facts.names().brokerPod(ordinal), pod));
                brokerReason = firstReason(brokerReason, pod, ClusterReason.BrokerUnreachable);
            } else if (broker.silence() != null) {
                brokerTroubles.put(ordinal, broker.name() + " does not answer the operator: " + broker.silence());
                brokerReason = brokerReason == null ? ClusterReason.StateUnreadable : brokerReason;
            }
        }
    }

    private void findLookupTroubles() {
        var announced = facts.brokers().stream()
                .filter(broker -> broker.pod().ready() && broker.ordinal() < facts.wantedBrokers())
                .map(broker -> facts.names().brokerHost(broker.ordinal()))
                .toList();
        for (int ordinal = 0; ordinal < facts.wantedLookups(); ordinal++) {
            var lookup = facts.lookup(ordinal).orElse(null);
            if (lookup == null || !lookup.pod().ready()) {
                var pod = lookup == null ? null : lookup.pod();
                lookupTroubles.put(ordinal, notReady(facts.names().lookupPod(ordinal), pod));
                lookupReason = firstReason(lookupReason, pod, ClusterReason.LookupUnavailable);
            } else if (lookup.knows() == null) {
                lookupTroubles.put(ordinal, lookup.name() + " does not answer the operator");
                lookupReason = lookupReason == null ? ClusterReason.StateUnreadable : lookupReason;
            } else if (!lookup.knows().containsAll(announced)) {
                long known = announced.stream().filter(lookup.knows()::contains).count();
                lookupTroubles.put(ordinal, lookup.name() + " knows " + known + " of " + announced.size() + " brokers");
                lookupReason = lookupReason == null ? ClusterReason.NotRegistered : lookupReason;
            }
        }
    }

    private static String notReady(String name, @Nullable PodFacts pod) {
        if (pod == null) {
            return name + " does not exist yet";
        }
        if (pod.deleting()) {
            return name + " ends";
        }
        return name
                + (pod.trouble() == null
                        ? " is not ready"
                        : ": " + pod.trouble().message());
    }

    /// A reason that says more than that something is not ready wins.
    private static ClusterReason firstReason(
            @Nullable ClusterReason soFar, @Nullable PodFacts pod, ClusterReason plain) {
        var trouble = pod == null ? null : pod.trouble();
        if (trouble != null && (soFar == null || soFar == plain)) {
            return trouble.reason();
        }
        return soFar == null ? plain : soFar;
    }

    private boolean setsFollow() {
        return facts.brokerSet() != null
                && facts.lookupSet() != null
                && facts.brokerSet().updateRevision() != null
                && facts.lookupSet().updateRevision() != null
                && facts.brokerSet().replicas() == facts.wantedBrokers()
                && facts.lookupSet().replicas() == facts.wantedLookups();
    }

    private boolean allAnswered() {
        return identity.clusterId() != null;
    }

    private void ready() {
        var before = Condition.find(facts.status().conditionList(), ConditionType.Ready)
                .orElse(null);
        boolean created = before != null
                && !before.reason().equals(ClusterReason.Creating.name())
                && !before.status().equals("Unknown");
        if (!created && !complete) {
            conditions.set(
                    ConditionType.Ready,
                    false,
                    ClusterReason.Creating,
                    "brokers and lookups start: " + facts.wantedBrokers() + " and " + facts.wantedLookups()
                            + " are wanted");
        } else if (readyBrokers() == 0) {
            conditions.set(ConditionType.Ready, false, ClusterReason.BrokersUnavailable, "no broker is ready");
        } else if (readyLookups() == 0) {
            conditions.set(ConditionType.Ready, false, ClusterReason.LookupUnavailable, "no lookup is ready");
        } else {
            conditions.set(ConditionType.Ready, true, ClusterReason.AllServing, "producers and consumers are served");
        }
    }

    private void brokersReady() {
        conditions.set(
                ConditionType.BrokersReady,
                brokerTroubles.isEmpty(),
                brokerReason == null ? ClusterReason.AllServing : brokerReason,
                brokerTroubles.isEmpty()
                        ? counted(facts.wantedBrokers(), "broker") + " ready"
                        : String.join("; ", brokerTroubles.values()));
    }

    private void lookupReady() {
        conditions.set(
                ConditionType.LookupReady,
                lookupTroubles.isEmpty(),
                lookupReason == null ? ClusterReason.AllServing : lookupReason,
                lookupTroubles.isEmpty()
                        ? counted(facts.wantedLookups(), "lookup") + " ready, each knows every broker"
                        : String.join("; ", lookupTroubles.values()));
    }

    private static String counted(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private void reconciling() {
        if (identity.mismatch() != null) {
            conditions.set(ConditionType.Stalled, true, ClusterReason.VolumeMismatch, identity.mismatch());
            return;
        }
        if (facts.refusal() != null) {
            conditions.set(ConditionType.Stalled, true, ClusterReason.SpecRefused, facts.refusal());
            return;
        }
        var before = facts.status();
        boolean newGeneration = !Objects.equals(before.observedGeneration(), generation);
        boolean wasReconciling = Condition.holds(before.conditionList(), ConditionType.Reconciling)
                || Condition.holds(before.conditionList(), ConditionType.Stalled);
        if ((newGeneration || wasReconciling) && !complete) {
            conditions.set(ConditionType.Reconciling, true, progressReason(), progressMessage());
        }
    }

    private void progressing() {
        boolean reconciling = conditions.list().stream()
                .anyMatch(condition -> condition.type().equals(ConditionType.Reconciling.name()));
        if (decision.operation() != null || reconciling) {
            conditions.set(ConditionType.Progressing, true, progressReason(), progressMessage());
        }
    }

    private ClusterReason progressReason() {
        var operation = decision.operation();
        if (operation != null) {
            return operation.type().equals(DisruptionPlanner.SCALE_DOWN)
                            || operation.type().equals(DisruptionPlanner.LOOKUP_SCALE_DOWN)
                    ? ClusterReason.Draining
                    : ClusterReason.RollingUpdate;
        }
        return facts.status().readyReplicas() == null || facts.status().readyReplicas() == 0
                ? ClusterReason.Creating
                : ClusterReason.ScalingUp;
    }

    private String progressMessage() {
        var operation = decision.operation();
        if (operation != null) {
            return operation.type() + " of " + operation.target() + ": " + operation.step();
        }
        var waitsFor = new ArrayList<>(brokerTroubles.values());
        waitsFor.addAll(lookupTroubles.values());
        return waitsFor.isEmpty() ? "objects and settings follow the spec" : "waits: " + String.join("; ", waitsFor);
    }

    /// What our own operation takes out of service is no loss, until its notice time has passed.
    private void degraded() {
        boolean created = conditions.list().stream()
                .noneMatch(condition -> condition.reason().equals(ClusterReason.Creating.name()));
        var losses = new TreeMap<>(brokerTroubles);
        var operation = decision.operation();
        if (operation != null && !isOverdue(operation) && operation.type().equals(DisruptionPlanner.RESTART)) {
            losses.remove(ClusterNames.ordinal(operation.target()));
        }
        boolean scalingUp = conditions.list().stream()
                .anyMatch(condition -> condition.type().equals(ConditionType.Reconciling.name())
                        && condition.reason().equals(ClusterReason.ScalingUp.name()));
        if (created && !scalingUp && !losses.isEmpty()) {
            conditions.set(
                    ConditionType.Degraded,
                    true,
                    brokerReason == null ? ClusterReason.BrokerUnreachable : brokerReason,
                    String.join("; ", losses.values()));
        }
    }

    private boolean isOverdue(Operation operation) {
        return Times.reached(operation.noticeAt(), facts.now());
    }

    private void blocked() {
        var operation = decision.operation();
        var obstacle = decision.obstacle();
        if (operation == null || obstacle == null || !isOverdue(operation)) {
            return;
        }
        boolean scaleDown = operation.type().equals(DisruptionPlanner.SCALE_DOWN);
        conditions.set(
                scaleDown ? ConditionType.ScaleDownBlocked : ConditionType.RolloutBlocked,
                true,
                obstacle.reason(),
                obstacle.reason() == ClusterReason.MessagesLeft
                        ? messagesLeft(obstacle.message())
                        : obstacle.message());
    }

    private String messagesLeft(String pod) {
        long unfinished =
                facts.broker(pod).map(this::drain).map(Drain::unfinished).orElse(0L);
        return pod + " still holds " + rounded(unfinished) + (unfinished == 1 ? " message" : " messages")
                + " that a channel has not finished; it leaves when there are none."
                + " Raise spec.brokers.replicas again to cancel";
    }

    /// Two digits are enough to see that it falls.
    private static String rounded(long count) {
        if (count < 100) {
            return Long.toString(count);
        }
        long unit = 1;
        while (count / unit >= 100) {
            unit *= 10;
        }
        return "about " + count / unit * unit;
    }

    private @Nullable String version() {
        return facts.brokers().stream()
                .filter(broker -> broker.report() != null)
                .map(broker -> Objects.requireNonNull(broker.report()).info().version())
                .sorted()
                .findFirst()
                .orElse(facts.status().version());
    }

    private List<Broker> brokers() {
        return facts.brokers().stream()
                .map(broker -> {
                    var report = broker.report();
                    return new Broker(
                            broker.ordinal(),
                            broker.name(),
                            broker.pod().uid(),
                            report == null ? null : report.info().volumeId(),
                            report == null ? null : report.info().version(),
                            state(broker),
                            drain(broker));
                })
                .toList();
    }

    private static String state(BrokerFacts broker) {
        if (!broker.pod().ready()) {
            return "NotReady";
        }
        if (broker.report() == null) {
            return "Unreachable";
        }
        return broker.isCordoned() ? "Cordoned" : "Ready";
    }

    /// The numbers move every ten seconds at most, and at once to and from zero.
    private @Nullable Drain drain(BrokerFacts broker) {
        BrokerDrain read = broker.report() == null ? null : broker.report().drain();
        if (read == null || !read.cordoned()) {
            return null;
        }
        var fresh = new Drain(read.unfinished(), read.consumers(), Times.text(facts.now()));
        var before = facts.status().brokerList().stream()
                .filter(known -> known.id() == broker.ordinal())
                .map(Broker::drain)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        if (before == null) {
            return fresh;
        }
        boolean same = before.unfinished() == fresh.unfinished() && before.consumers() == fresh.consumers();
        boolean young = facts.now().isBefore(Instant.parse(before.readAt()).plus(DRAIN_REFRESH));
        boolean toOrFromZero = (before.unfinished() == 0) != (fresh.unfinished() == 0);
        return same || (young && !toOrFromZero) ? before : fresh;
    }

    private List<Endpoint> endpoints(ClusterNames names) {
        var publish = names.publishService() + "." + names.namespace() + ".svc";
        var lookup = names.lookupService() + "." + names.namespace() + ".svc";
        return List.of(
                new Endpoint("lookup-http", lookup + ":" + LookupObjects.HTTP_PORT),
                new Endpoint("publish-http", publish + ":4151"),
                new Endpoint("publish-tcp", publish + ":4150"));
    }
}
