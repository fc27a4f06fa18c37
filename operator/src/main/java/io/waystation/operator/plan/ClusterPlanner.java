package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.waystation.operator.api.MessageClusterStatus.Operation;
import io.waystation.operator.plan.ClusterPlan.Cordon;
import io.waystation.operator.plan.ClusterPlan.SettingsChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Plans a pass over one cluster.
public final class ClusterPlanner {
    private final ClusterFacts facts;

    private ClusterPlanner(ClusterFacts facts) {
        this.facts = facts;
    }

    public static ClusterPlan plan(ClusterFacts facts) {
        if (Pause.isSet(facts.cluster())) {
            return ClusterPlan.handsOff(ClusterConditions.paused(facts));
        }
        var unknown = facts.refusal() == null ? unknownSetting(facts) : null;
        return new ClusterPlanner(unknown == null ? facts : facts.withRefusal(unknown)).plan();
    }

    /// A configuration file may contain anything; so names are compared with those that a broker knows. Brokers
    /// that are about to get another image, or have not got it yet, have no say: the new one may know more.
    private static @Nullable String unknownSetting(ClusterFacts facts) {
        var set = facts.brokerSet();
        if (set != null && !set.image().equals(facts.image())) {
            return null;
        }
        for (var broker : facts.brokers()) {
            if (broker.report() == null || (set != null && set.isOutdated(broker.pod()))) {
                continue;
            }
            for (var name : facts.spec().brokers().sortedSettings().keySet()) {
                if (broker.report().setting(name).isEmpty()) {
                    return "spec.brokers.settings: " + broker.name() + " has no option " + name;
                }
            }
        }
        return null;
    }

    private ClusterPlan plan() {
        var identity = ClusterIdentity.of(facts);
        if (identity.mismatch() != null) {
            return ClusterPlan.handsOff(new ClusterConditions(facts, identity, Decision.NOTHING, false).status());
        }
        var decision = new DisruptionPlanner(facts, settingsHash()).decide();
        var changes = settingsChanges(identity);
        var cordons = cordons(decision);
        boolean carriedOut = changes.isEmpty()
                && cordons.isEmpty()
                && decision.operation() == null
                && facts.refusal() == null
                && facts.findings().obstacle() == null
                && !facts.outOfDate();
        var status = new ClusterConditions(facts, identity, decision, carriedOut).status();
        boolean announced = isSameStep(facts.status().operation(), decision.operation());
        return new ClusterPlan(
                changes,
                objects(),
                Set.copyOf(Corrections.held(facts.corrections(), facts.now())),
                StorageState.growths(facts),
                cordons,
                status,
                announced && !facts.outOfDate() ? decision.act() : null,
                carriedOut && ClusterConditions.isHealthy(status));
    }

    private static boolean isSameStep(@Nullable Operation recorded, @Nullable Operation decided) {
        return recorded != null
                && decided != null
                && isSameTarget(recorded, decided)
                && recorded.step().equals(decided.step());
    }

    private static boolean isSameTarget(@Nullable Operation recorded, @Nullable Operation decided) {
        return recorded != null
                && decided != null
                && recorded.type().equals(decided.type())
                && recorded.target().equals(decided.target());
    }

    private List<HasMetadata> objects() {
        var brokers = new BrokerObjects(facts.cluster(), facts.image());
        var lookups = new LookupObjects(facts.cluster(), facts.image());
        var objects = new ArrayList<HasMetadata>();
        objects.add(lookups.service());
        objects.add(lookups.budget());
        objects.add(lookups.set(atLeast(facts.wantedLookups(), facts.lookupSet())));
        objects.add(brokers.peers());
        objects.add(brokers.publishing());
        objects.add(brokers.budget());
        if (facts.refusal() == null) {
            objects.add(brokers.config());
        }
        objects.add(brokers.set(atLeast(facts.wantedBrokers(), facts.brokerSet()), settingsHash(), facts.claimSize()));
        return objects;
    }

    /// Nothing shrinks here: that is the disruption planner's.
    private static int atLeast(int wanted, @Nullable SetFacts set) {
        return set == null ? wanted : Math.max(wanted, set.replicas());
    }

    /// While a setting is refused the brokers keep the template that they have.
    private String settingsHash() {
        return facts.refusal() != null && facts.brokerSet() != null
                ? facts.brokerSet().settingsHash()
                : BrokerSettings.restartHash(facts.spec().brokers().sortedSettings());
    }

    /// What the operator sets itself goes first, on every broker, and alone: a broker takes all of a change or nothing,
    /// and the user's part may be refused.
    private List<SettingsChange> settingsChanges(ClusterIdentity identity) {
        var changes = new ArrayList<SettingsChange>();
        for (var broker : facts.brokers()) {
            change(broker, own(broker, identity)).ifPresent(changes::add);
        }
        if (facts.refusal() == null) {
            for (var broker : facts.brokers()) {
                change(broker, given(broker)).ifPresent(changes::add);
            }
        }
        return changes;
    }

    private static Optional<SettingsChange> change(BrokerFacts broker, Map<String, String> values) {
        var address = broker.pod().address();
        return address == null || values.isEmpty()
                ? Optional.empty()
                : Optional.of(new SettingsChange(broker.name(), address, values));
    }

    private Map<String, String> own(BrokerFacts broker, ClusterIdentity identity) {
        var values = new TreeMap<String, String>();
        if (broker.report() != null) {
            lookups(broker.report(), values);
            if (identity.clusterId() != null && broker.report().info().clusterId() == null) {
                values.put(BrokerSettings.CLUSTER_ID, identity.clusterId());
            }
        }
        return values;
    }

    private Map<String, String> given(BrokerFacts broker) {
        var values = new TreeMap<String, String>();
        var report = broker.report();
        if (report != null) {
            facts.spec().brokers().sortedSettings().forEach((name, value) -> {
                if (BrokerSettings.isDynamic(name) && !hasValue(report, name, value)) {
                    values.put(name, value);
                }
            });
        }
        return values;
    }

    private static boolean hasValue(BrokerFacts.Report report, String name, String value) {
        return report.setting(name)
                .map(setting -> setting.value().equalsIgnoreCase(value))
                .orElse(false);
    }

    /// A broker is told of a lookup when that can be reached, and told to forget it when it is not wanted any more.
    private void lookups(BrokerFacts.Report report, Map<String, String> values) {
        var known = report.setting(BrokerSettings.LOOKUPS)
                .map(setting -> addresses(setting.value()))
                .orElse(Set.of());
        var target = new TreeSet<String>();
        for (int ordinal = 0; ordinal < facts.wantedLookups(); ordinal++) {
            var address = facts.names().lookupAddress(ordinal);
            if (facts.isLookupReady(ordinal) || known.contains(address)) {
                target.add(address);
            }
        }
        if (!target.isEmpty() && !target.equals(known)) {
            values.put(BrokerSettings.LOOKUPS, String.join(",", target));
        }
    }

    private static Set<String> addresses(String list) {
        return Stream.of(list.split(",", -1))
                .map(String::strip)
                .filter(address -> !address.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// A leaving broker is cordoned once the status has said so; a broker that stays takes messages again.
    private List<Cordon> cordons(Decision decision) {
        var leaving = decision.leaving();
        boolean announced = isSameTarget(facts.status().operation(), decision.operation());
        var cordons = new ArrayList<Cordon>();
        for (var broker : facts.brokers()) {
            var pod = broker.pod();
            if (pod.deleting() || pod.address() == null || broker.report() == null) {
                continue;
            }
            if (broker.name().equals(leaving)) {
                if (announced && (!broker.isCordoned() || pod.acceptsPublishes())) {
                    cordons.add(new Cordon(pod.name(), pod.uid(), pod.address(), true));
                }
            } else if (broker.ordinal() < facts.wantedBrokers() && (broker.isCordoned() || !pod.acceptsPublishes())) {
                cordons.add(new Cordon(pod.name(), pod.uid(), pod.address(), false));
            }
        }
        return cordons;
    }
}
