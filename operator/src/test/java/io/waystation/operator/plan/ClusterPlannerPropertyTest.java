package io.waystation.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.waystation.operator.api.Condition;
import io.waystation.operator.api.MessageClusterSpec;
import io.waystation.operator.api.RestartReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What holds for every plan's acts, whatever was read.
class ClusterPlannerPropertyTest {
    @Test
    void aServingBrokerIsStoppedOnlyWhenItIsSafeAndAllOthersServe() {
        RandomClusters.forAll((seed, facts) -> {
            if (ClusterPlanner.plan(facts).disruption() instanceof Disruption.Restart restart && !restart.lookup()) {
                var target = facts.broker(restart.pod()).orElseThrow();
                var others = IntStream.range(
                                0, Objects.requireNonNull(facts.brokerSet()).replicas())
                        .filter(ordinal -> ordinal != target.ordinal())
                        .boxed()
                        .toList();

                assertThat(restart.uid()).isEqualTo(target.pod().uid());
                assertThat(target.pod().deleting()).isFalse();
                if (target.pod().ready()) {
                    assertThat(others).allMatch(facts::isBrokerReady);
                    assertThat(Objects.requireNonNull(target.report())
                                    .info()
                                    .safeToStop()
                                    .safe())
                            .isTrue();
                }
            }
        });
    }

    @Test
    void aFileSystemRestartsOnlyABrokerThatIsOlderThanItsWait() {
        RandomClusters.forAll((seed, facts) -> {
            if (ClusterPlanner.plan(facts).disruption() instanceof Disruption.Restart restart
                    && restart.why() == RestartReason.FileSystemResizePending) {
                var broker = facts.broker(restart.pod()).orElseThrow();
                var claim = facts.claim(broker.ordinal()).orElseThrow();
                var since = Objects.requireNonNull(claim.fileSystemPendingSince());

                assertThat(claim.isSmallerThan(facts.wantedSize())).isTrue();
                assertThat(broker.pod().createdAt()).isBefore(since);
                assertThat(since.plus(RestartPlanner.ONLINE_GROWTH)).isBeforeOrEqualTo(facts.now());
            }
        });
    }

    @Test
    void aBrokerLeavesOnlyLastAndEmpty() {
        RandomClusters.forAll((seed, facts) -> {
            if (ClusterPlanner.plan(facts).disruption() instanceof Disruption.LowerBrokers lower) {
                int last = Objects.requireNonNull(facts.brokerSet()).replicas() - 1;
                var report = facts.broker(last).map(BrokerFacts::report).orElse(null);

                assertThat(lower.pod()).isEqualTo(facts.names().brokerPod(last));
                assertThat(lower.lowered().getSpec().getReplicas()).isEqualTo(last);
                assertThat(last).isGreaterThanOrEqualTo(facts.wantedBrokers());
                if (report == null) {
                    assertThat(facts.withoutVolume()).contains(last);
                } else {
                    assertThat(Objects.requireNonNull(report.drain()).cordoned())
                            .isTrue();
                    assertThat(report.drain().unfinished()).isZero();
                }
            }
        });
    }

    @Test
    void nothingIsTakenOutOfServiceUnlessItWasAnnouncedAndTheFactsAreFresh() {
        RandomClusters.forAll((seed, facts) -> {
            var plan = ClusterPlanner.plan(facts);

            if (plan.disruption() != null) {
                var announced = Objects.requireNonNull(facts.status().operation());
                assertThat(announced.target()).isEqualTo(plan.disruption().pod());
                assertThat(Objects.requireNonNull(plan.status().operation()).step())
                        .isEqualTo(announced.step());
                assertThat(facts.outOfDate()).isFalse();
            }
            assertThat(ClusterPlanner.plan(facts.afterApplying(null, List.of(), true))
                            .disruption())
                    .isNull();
        });
    }

    @Test
    void noSetIsAppliedWithFewerReplicasOrAnotherVolumeThanItHas() {
        RandomClusters.forAll((seed, facts) -> {
            for (var object : ClusterPlanner.plan(facts).objects()) {
                if (object instanceof StatefulSet set) {
                    boolean brokers =
                            set.getMetadata().getName().equals(facts.names().brokerSet());
                    var live = brokers ? facts.brokerSet() : facts.lookupSet();
                    if (live != null) {
                        assertThat(set.getSpec().getReplicas()).isGreaterThanOrEqualTo(live.replicas());
                        assertThat(SetFacts.of(generationless(set)).claimSize()).isEqualTo(live.claimSize());
                    }
                }
            }
        });
    }

    private static StatefulSet generationless(StatefulSet set) {
        set.getMetadata().setGeneration(1L);
        return set;
    }

    @Test
    void theOrderInWhichFactsCameDoesNotMatter() {
        RandomClusters.forAll((seed, facts) -> {
            var random = new Random(seed);
            var settings = new LinkedHashMap<String, String>();
            var names = new ArrayList<>(facts.spec().brokers().sortedSettings().keySet());
            Collections.shuffle(names, random);
            names.forEach(name ->
                    settings.put(name, facts.spec().brokers().sortedSettings().get(name)));
            var spec = facts.spec();
            var brokers = spec.brokers();
            var cluster = RandomCluster.cluster(new MessageClusterSpec(
                    spec.image(),
                    new MessageClusterSpec.Brokers(
                            brokers.replicas(), brokers.storage(), brokers.resources(), settings),
                    spec.lookup()));
            cluster.setMetadata(facts.cluster().getMetadata());
            cluster.setStatus(facts.cluster().getStatus());
            var shuffled = new ClusterFacts(
                    cluster,
                    facts.defaultImage(),
                    facts.notice(),
                    facts.now(),
                    facts.brokerSet(),
                    facts.lookupSet(),
                    shuffled(facts.brokers(), random),
                    shuffled(facts.lookups(), random),
                    shuffled(facts.claims(), random),
                    new HashSet<>(shuffled(List.copyOf(facts.withoutVolume()), random)),
                    facts.findings());

            assertThat(ClusterPlanner.plan(shuffled)).isEqualTo(ClusterPlanner.plan(facts));
        });
    }

    private static <T> List<T> shuffled(List<T> list, Random random) {
        var copy = new ArrayList<>(list);
        Collections.shuffle(copy, random);
        return copy;
    }

    @Test
    void theGeneratorReachesWhatThePropertiesAreAbout() {
        var seen = new HashSet<String>();
        for (long seed = 0; seed < RandomClusters.SEEDS; seed++) {
            var plan = ClusterPlanner.plan(new RandomCluster(seed).facts());
            seen.add(plan.settled() ? "settled" : "unsettled");
            if (plan.disruption() != null) {
                seen.add(plan.disruption().getClass().getSimpleName());
            }
            if (plan.disruption() instanceof Disruption.Restart restart) {
                seen.add(restart.why().name());
            }
            plan.status().conditionList().stream()
                    .filter(Condition::holds)
                    .map(Condition::type)
                    .forEach(seen::add);
        }

        assertThat(seen)
                .containsAll(Set.of(
                        "settled",
                        "unsettled",
                        "Restart",
                        "LowerBrokers",
                        "LowerLookups",
                        "TemplateChanged",
                        "NotReady",
                        "FileSystemResizePending",
                        "Ready",
                        "Reconciling",
                        "Stalled",
                        "Degraded",
                        "ScaleDownBlocked",
                        "RolloutBlocked"));
    }
}
