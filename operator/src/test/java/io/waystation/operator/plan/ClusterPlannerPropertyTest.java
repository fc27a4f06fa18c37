package io.waystation.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.waystation.operator.api.Condition;
import io.waystation.operator.api.ConditionType;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.MessageClusterSpec;
import io.waystation.operator.api.MessageClusterStatus;
import io.waystation.operator.api.RestartReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What holds for every plan, whatever was read. The seed of a failure is in its message, with the command that repeats
/// it; `-Dplan.seeds=N` tries more of them.
class ClusterPlannerPropertyTest {
    private static final long SEEDS = Long.getLong("plan.seeds", 1000);

    private static void forAll(BiConsumer<Long, ClusterFacts> check) {
        var only = Long.getLong("plan.seed");
        long first = only == null ? 0 : only;
        long count = only == null ? SEEDS : 1;
        for (long seed = first; seed < first + count; seed++) {
            try {
                check.accept(seed, new RandomCluster(seed).facts());
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError(
                        "seed " + seed + "; repeat it with: mvn -pl operator test"
                                + " -Dtest=ClusterPlannerPropertyTest -Dplan.seed=" + seed,
                        broken);
            }
        }
    }

    @Test
    void aServingBrokerIsStoppedOnlyWhenItIsSafeAndAllOthersServe() {
        forAll((seed, facts) -> {
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
        forAll((seed, facts) -> {
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
        forAll((seed, facts) -> {
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
        forAll((seed, facts) -> {
            var plan = ClusterPlanner.plan(facts);

            if (plan.disruption() != null) {
                var announced = Objects.requireNonNull(facts.status().operation());
                assertThat(announced.target()).isEqualTo(plan.disruption().pod());
                assertThat(Objects.requireNonNull(plan.status().operation()).step())
                        .isEqualTo(announced.step());
                assertThat(facts.outOfDate()).isFalse();
            }
            assertThat(ClusterPlanner.plan(facts.thatAreOutOfDate()).disruption())
                    .isNull();
        });
    }

    @Test
    void noSetIsAppliedWithFewerReplicasOrAnotherVolumeThanItHas() {
        forAll((seed, facts) -> {
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
        forAll((seed, facts) -> {
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
                    facts.refusal(),
                    facts.growthRefusal(),
                    facts.outOfDate());

            assertThat(ClusterPlanner.plan(shuffled)).isEqualTo(ClusterPlanner.plan(facts));
        });
    }

    private static <T> List<T> shuffled(List<T> list, Random random) {
        var copy = new ArrayList<>(list);
        Collections.shuffle(copy, random);
        return copy;
    }

    @Test
    void aSecondPassOverTheSameFactsWritesNoOtherStatus() {
        forAll((seed, facts) -> {
            var first = ClusterPlanner.plan(facts).status();
            var second = ClusterPlanner.plan(RandomCluster.with(facts, first)).status();

            assertThat(second).isEqualTo(first);
        });
    }

    @Test
    void aSettledClusterIsLeftAlone() {
        forAll((seed, facts) -> {
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
        forAll((seed, facts) -> {
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
        if (facts.outOfDate() || facts.refusal() != null) {
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
        forAll((seed, facts) -> {
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
        forAll((seed, facts) -> {
            var before = ClusterPlanner.plan(facts);
            if (!before.settled()) {
                return;
            }
            var edited = edited(facts, new RandomCluster(seed + SEEDS).spec(), 2, before.status());
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

    @Test
    void theGeneratorReachesWhatThePropertiesAreAbout() {
        var seen = new HashSet<String>();
        for (long seed = 0; seed < SEEDS; seed++) {
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
