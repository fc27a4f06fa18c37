package io.waystation.operator.plan;

import com.fasterxml.jackson.core.type.TypeReference;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.waystation.operator.api.ClusterReason;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.MessageClusterStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The passes over a MessageCluster, one folder each.
class ClusterGoldenTest {
    private static final String PLANNER = "cluster";
    private static final Duration NOTICE = Duration.ofSeconds(30);

    static Stream<String> cases() {
        return GoldenFolder.cases(PLANNER);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void comesToWhatTheFolderSays(String name) throws IOException {
        var folder = new GoldenFolder(PLANNER, name);
        var facts = facts(folder);

        var plan = ClusterPlanner.plan(facts);

        folder.check("act", act(plan));
        folder.check("status", plan.status());
        folder.check("events", ClusterEvents.between(facts.cluster(), plan.status()));
        folder.check("objects", folder.isFirst() ? plan.objects() : differences(folder, plan.objects()));
        folder.everyFileIsUsed();
    }

    private static ClusterFacts facts(GoldenFolder folder) {
        var pass = folder.pass();
        var sets = folder.in("sets", new TypeReference<Map<String, StatefulSet>>() {});
        var pods = folder.in("pods", new TypeReference<List<Pod>>() {}).stream()
                .map(PodFacts::of)
                .toList();
        var answers = folder.in("brokers", new TypeReference<Map<String, Answer>>() {});
        var registered = folder.in("lookups", new TypeReference<Map<String, Set<String>>>() {});
        return new ClusterFacts(
                cluster(folder),
                "waystation/waystation:0.1.0",
                NOTICE,
                Instant.parse(String.valueOf(pass.get("now"))),
                set(sets.get("brokers")),
                set(sets.get("lookups")),
                pods.stream()
                        .filter(pod -> pod.name().contains("-broker-"))
                        .map(pod -> broker(pod, answers.get(pod.name())))
                        .toList(),
                pods.stream()
                        .filter(pod -> pod.name().contains("-lookup-"))
                        .map(pod -> new LookupFacts(pod, registered.get(pod.name())))
                        .toList(),
                folder.in("claims", new TypeReference<List<PersistentVolumeClaim>>() {}).stream()
                        .map(ClaimFacts::of)
                        .toList(),
                withoutVolume(pass),
                findings(pass));
    }

    @SuppressWarnings("unchecked")
    private static Findings findings(Map<String, Object> pass) {
        var obstacle = (Map<String, String>) pass.get("obstacle");
        var corrected = (Map<String, String>) pass.getOrDefault("corrected", Map.of());
        return new Findings(
                (String) pass.get("refusal"),
                (String) pass.get("growthRefusal"),
                obstacle == null
                        ? null
                        : new Trouble(
                                ClusterReason.valueOf(String.valueOf(obstacle.get("reason"))),
                                String.valueOf(obstacle.get("message"))),
                corrected.entrySet().stream()
                        .map(object -> new Corrected(object.getKey(), object.getValue()))
                        .toList(),
                Boolean.TRUE.equals(pass.get("outOfDate")));
    }

    /// What a broker answers, or why it does not.
    record Answer(
            BrokerFacts.@Nullable Report report, @Nullable String silence) {}

    private static BrokerFacts broker(PodFacts pod, @Nullable Answer answer) {
        return answer == null
                ? new BrokerFacts(pod, null, null)
                : new BrokerFacts(pod, answer.report(), answer.silence());
    }

    private static @Nullable SetFacts set(@Nullable StatefulSet set) {
        return set == null ? null : SetFacts.of(set);
    }

    @SuppressWarnings("unchecked")
    private static Set<Integer> withoutVolume(Map<String, Object> pass) {
        return Set.copyOf((List<Integer>) pass.getOrDefault("withoutVolume", List.of()));
    }

    /// With the status that the case before came to.
    private static MessageCluster cluster(GoldenFolder folder) {
        var cluster = folder.in("cluster", new TypeReference<MessageCluster>() {});
        if (!folder.isFirst()) {
            cluster.setStatus(
                    "none".equals(folder.pass().get("status"))
                            ? null
                            : folder.before().out("status", new TypeReference<MessageClusterStatus>() {}));
        }
        return cluster;
    }

    private static Map<String, Object> act(ClusterPlan plan) {
        var act = new TreeMap<String, Object>();
        act.put("settled", plan.settled());
        if (!plan.held().isEmpty()) {
            act.put("held", plan.held());
        }
        if (!plan.settingsChanges().isEmpty()) {
            act.put("settingsChanges", plan.settingsChanges());
        }
        if (!plan.growths().isEmpty()) {
            act.put(
                    "growths",
                    plan.growths().stream().map(ClusterGoldenTest::growth).toList());
        }
        if (!plan.cordons().isEmpty()) {
            act.put("cordons", plan.cordons());
        }
        if (plan.disruption() != null) {
            act.put(plan.disruption().getClass().getSimpleName(), disruption(plan.disruption()));
        }
        return act;
    }

    private static String growth(PersistentVolumeClaim claim) {
        return claim.getMetadata().getName() + ": "
                + claim.getSpec().getResources().getRequests().get("storage");
    }

    private static Object disruption(Disruption disruption) {
        return switch (disruption) {
            case Disruption.Restart restart -> restart;
            case Disruption.LowerBrokers lower -> lowered(lower.pod(), lower.from(), lower.lowered());
            case Disruption.LowerLookups lower -> lowered(lower.pod(), lower.from(), lower.lowered());
        };
    }

    private static Map<String, Object> lowered(String pod, int from, StatefulSet set) {
        return new TreeMap<>(
                Map.of("pod", pod, "from", from, "to", set.getSpec().getReplicas()));
    }

    /// Against those of a settled cluster.
    private static Map<String, Object> differences(GoldenFolder folder, List<HasMetadata> objects) {
        List<HasMetadata> base =
                new ArrayList<>(folder.first().out("objects", new TypeReference<List<GenericKubernetesResource>>() {}));
        return new Differences().between(base, objects);
    }
}
