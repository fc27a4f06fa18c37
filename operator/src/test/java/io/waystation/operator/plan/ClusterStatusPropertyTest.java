package io.waystation.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.MessageClusterSpec;
import io.waystation.operator.api.MessageClusterStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What holds for every plan's status, whatever was read.
class ClusterStatusPropertyTest {
    @Test
    void whichVolumeAndVersionAPodHasIsNotForgottenWhenItsBrokerIsSilent() {
        RandomClusters.forAll((seed, facts) -> {
            var before = ClusterPlanner.plan(facts).status();
            var silent = RandomCluster.with(RandomCluster.silent(facts), before);

            var after = ClusterPlanner.plan(silent).status();

            assertThat(after.brokerList())
                    .extracting(broker -> broker.podUid() + " " + broker.volumeId() + " " + broker.version())
                    .isEqualTo(before.brokerList().stream()
                            .map(broker -> broker.podUid() + " " + broker.volumeId() + " " + broker.version())
                            .toList());
        });
    }

    @Test
    void aSecondPassOverTheSameFactsWritesNoOtherStatus() {
        RandomClusters.forAll((seed, facts) -> {
            var first = ClusterPlanner.plan(facts).status();
            var second = ClusterPlanner.plan(RandomCluster.with(facts, first)).status();

            assertThat(second).isEqualTo(first);
        });
    }

    @Test
    void aSettledClusterIsLeftAlone() {
        RandomClusters.forAll((seed, facts) -> {
            var plan = ClusterPlanner.plan(facts);
            if (plan.settled()) {
                var hourLater = RandomCluster.with(
                        RandomCluster.with(facts, plan.status()),
                        RandomCluster.with(facts, plan.status()).cluster(),
                        facts.now().plusSeconds(3600));
                var again = ClusterPlanner.plan(hourLater);

                assertThat(again.status()).isEqualTo(plan.status());
                assertThat(again.settingsChanges()).isEmpty();
                assertThat(again.cordons()).isEmpty();
                assertThat(again.growths()).isEmpty();
                assertThat(again.disruption()).isNull();
                assertThat(again.settled()).isTrue();
            }
        });
    }

    @Test
    void aNewGenerationIsCurrentOnlyWhenItIsCarriedOut() {
        RandomClusters.forAll((seed, facts) -> {
            long generation = facts.cluster().getMetadata().getGeneration();
            boolean observed = Objects.equals(facts.status().observedGeneration(), generation);
            var status = ClusterPlanner.plan(facts).status();

            if (!observed && Kstatus.of(status, generation) == Kstatus.CURRENT) {
                assertThat(unfinished(facts)).isEmpty();
            }
        });
    }

    /// Everything in which the facts are not yet what the spec says.
    private static List<String> unfinished(ClusterFacts facts) {
        var unfinished = new ArrayList<String>();
        var brokerSet = facts.brokerSet();
        var lookupSet = facts.lookupSet();
        if (brokerSet == null || brokerSet.replicas() != facts.wantedBrokers()) {
            unfinished.add("number of brokers");
        }
        if (lookupSet == null || lookupSet.replicas() != facts.wantedLookups()) {
            unfinished.add("number of lookups");
        }
        for (int ordinal = 0; ordinal < facts.wantedBrokers(); ordinal++) {
            var broker = facts.broker(ordinal).orElse(null);
            if (broker == null || !broker.pod().ready() || broker.report() == null) {
                unfinished.add("broker " + ordinal);
            } else if (!Objects.equals(broker.pod().revision(), "new")
                    || broker.isCordoned()
                    || !hasSettings(broker.report(), facts)) {
                unfinished.add("state of broker " + ordinal);
            }
        }
        for (int ordinal = 0; ordinal < facts.wantedLookups(); ordinal++) {
            if (!facts.isLookupReady(ordinal)) {
                unfinished.add("lookup " + ordinal);
            }
        }
        if (facts.outOfDate() || facts.refusal() != null || facts.findings().obstacle() != null) {
            unfinished.add("what was read");
        }
        return unfinished;
    }

    private static boolean hasSettings(BrokerFacts.Report report, ClusterFacts facts) {
        return facts.spec().brokers().sortedSettings().entrySet().stream()
                .filter(setting -> BrokerSettings.isDynamic(setting.getKey()))
                .allMatch(setting -> report.setting(setting.getKey())
                        .map(effective -> effective.value().equals(setting.getValue()))
                        .orElse(false));
    }

    @Test
    void conditionsKeepTheContract() {
        RandomClusters.forAll((seed, facts) -> {
            var status = ClusterPlanner.plan(facts).status();
            var types = status.conditionList().stream().map(Condition::type).toList();

            assertThat(types).doesNotHaveDuplicates();
            assertThat(types).first().isEqualTo("Ready");
            assertThat(List.of(
                            Condition.holds(status.conditionList(), ConditionType.Reconciling),
                            Condition.holds(status.conditionList(), ConditionType.Stalled)))
                    .isNotEqualTo(List.of(true, true));
            for (var condition : status.conditionList()) {
                var before = facts.status().conditionList().stream()
                        .filter(was -> was.type().equals(condition.type()))
                        .findFirst();
                assertThat(condition.message()).hasSizeBetween(1, Condition.MESSAGE_CHARS);
                if (before.isPresent() && before.get().status().equals(condition.status())) {
                    assertThat(condition.lastTransitionTime())
                            .isEqualTo(before.get().lastTransitionTime());
                }
            }
        });
    }

    @Test
    void takingAnEditBackTakesThePlanBack() {
        RandomClusters.forAll((seed, facts) -> {
            var before = ClusterPlanner.plan(facts);
            if (!before.settled()) {
                return;
            }
            var edited = edited(facts, new RandomCluster(seed + RandomClusters.SEEDS).spec(), 2, before.status());
            var announced =
                    edited(facts, edited.spec(), 2, ClusterPlanner.plan(edited).status());

            var back = edited(
                    facts, facts.spec(), 3, ClusterPlanner.plan(announced).status());
            var plan = ClusterPlanner.plan(back);

            assertThat(plan.disruption()).isNull();
            assertThat(plan.status().operation()).isNull();
            assertThat(plan.objects()).isEqualTo(before.objects());
            assertThat(plan.settingsChanges()).isEmpty();
            assertThat(Kstatus.of(plan.status(), 3)).isEqualTo(Kstatus.CURRENT);
        });
    }

    private static ClusterFacts edited(
            ClusterFacts facts, MessageClusterSpec spec, long generation, MessageClusterStatus status) {
        MessageCluster cluster = RandomCluster.cluster(spec);
        cluster.getMetadata().setGeneration(generation);
        cluster.setStatus(status);
        return RandomCluster.with(facts, cluster, facts.now());
    }
}
