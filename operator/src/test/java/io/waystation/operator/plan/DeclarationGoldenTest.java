package io.waystation.operator.plan;

import com.fasterxml.jackson.core.type.TypeReference;
import io.waystation.operator.api.Channel;
import io.waystation.operator.api.ChannelStatus;
import io.waystation.operator.api.Condition;
import io.waystation.operator.api.Correction;
import io.waystation.operator.api.Topic;
import io.waystation.operator.api.TopicStatus;
import io.waystation.operator.broker.Owner;
import io.waystation.operator.plan.DeclarationFacts.Place;
import io.waystation.operator.plan.DeclarationPlan.Step;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The passes over a Topic or Channel, one folder each. The status is the one if nothing of the plan is done, or all of
/// it was done before.
class DeclarationGoldenTest {
    private static final String PLANNER = "declaration";

    static Stream<String> cases() {
        return GoldenFolder.cases(PLANNER);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void comesToWhatTheFolderSays(String name) throws IOException {
        var folder = new GoldenFolder(PLANNER, name);
        var kind = String.valueOf(folder.in("resource", new TypeReference<Map<String, Object>>() {})
                .get("kind"));

        if (kind.equals("Channel")) {
            check(folder, folder.in("resource", new TypeReference<Channel>() {}));
        } else {
            check(folder, folder.in("resource", new TypeReference<Topic>() {}));
        }

        folder.everyFileIsUsed();
    }

    private static void check(GoldenFolder folder, Topic topic) {
        var before = folder.isFirst()
                ? TopicStatus.NONE
                : folder.before().out("status", new TypeReference<TopicStatus>() {});
        var self = new Owner(
                topic.getMetadata().getUid(), "shop/" + topic.getMetadata().getName());
        var facts = facts(
                folder,
                self,
                topic.getMetadata().getGeneration(),
                before.conditionList(),
                Corrections.known(
                        before.corrections(),
                        before.observedGeneration(),
                        topic.getMetadata().getGeneration()),
                Wanted.of(topic.getSpec()));

        var plan = DeclarationPlanner.plan(facts);

        check(folder, plan);
        folder.check(
                "status",
                TopicStatuses.topic(
                        before,
                        facts.generation(),
                        facts.place(),
                        plan.conditions(),
                        plan.corrections(),
                        "orders",
                        facts.brokers()));
    }

    private static void check(GoldenFolder folder, Channel channel) {
        var before = folder.isFirst() || folder.before().isFirst()
                ? ChannelStatus.NONE
                : folder.before().out("status", new TypeReference<ChannelStatus>() {});
        var self = new Owner(
                channel.getMetadata().getUid(), "shop/" + channel.getMetadata().getName());
        var facts = facts(
                folder,
                self,
                channel.getMetadata().getGeneration(),
                before.conditionList(),
                Corrections.known(
                        before.corrections(),
                        before.observedGeneration(),
                        channel.getMetadata().getGeneration()),
                Wanted.of(channel.getSpec()));

        var plan = DeclarationPlanner.plan(facts);

        check(folder, plan);
        folder.check(
                "status",
                TopicStatuses.channel(
                        before,
                        facts.generation(),
                        facts.place(),
                        plan.conditions(),
                        plan.corrections(),
                        "orders",
                        "orders",
                        "billing",
                        facts.brokers()));
    }

    @SuppressWarnings("unchecked")
    private static DeclarationFacts facts(
            GoldenFolder folder,
            Owner self,
            long generation,
            List<Condition> previous,
            List<Correction> known,
            Wanted wanted) {
        var pass = folder.pass();
        return new DeclarationFacts(
                self,
                generation,
                previous,
                known,
                Instant.parse(String.valueOf(pass.get("now"))),
                wanted,
                place(folder.in("place", new TypeReference<Map<String, String>>() {})),
                GoldenBroker.views(folder.in("brokers", new TypeReference<Map<String, GoldenBroker>>() {})),
                Set.copyOf((List<String>) pass.getOrDefault("living", List.of())),
                Set.copyOf((List<String>) pass.getOrDefault("corrected", List.of())));
    }

    private static Place place(Map<String, String> place) {
        var name = Objects.requireNonNull(place.get("name"));
        return switch (place.getOrDefault("place", "")) {
            case "Cluster" -> new Place.Cluster(name, place.get("clusterId"), place.get("accepted"));
            case "NoCluster" -> new Place.NoCluster(name);
            case "NoTopic" -> new Place.NoTopic(name);
            case "Paused" -> new Place.Paused();
            default -> throw new IllegalArgumentException("place: " + place + " (expected: the name of a Place)");
        };
    }

    private static void check(GoldenFolder folder, DeclarationPlan plan) {
        folder.check(
                "steps", plan.steps().stream().map(DeclarationGoldenTest::step).toList());
        folder.check(
                "events",
                plan.steps().stream()
                        .map(step -> step instanceof Step.Declare declare ? declare.event() : null)
                        .filter(Objects::nonNull)
                        .toList());
        folder.check("settled", Map.of("settled", plan.settled()));
    }

    private static Map<String, Object> step(Step step) {
        var shown = new TreeMap<String, Object>();
        shown.put("step", step.getClass().getSimpleName());
        shown.put("pod", step.pod());
        shown.put("address", step.address());
        if (step instanceof Step.Declare declare && declare.expectedOwnerUid() != null) {
            shown.put("expectedOwnerUid", declare.expectedOwnerUid());
        }
        if (step instanceof Step.Declare declare && !declare.corrected().isEmpty()) {
            shown.put("corrected", declare.corrected());
        }
        return shown;
    }
}
