package io.waystation.operator.plan;

import com.fasterxml.jackson.core.type.TypeReference;
import io.waystation.operator.api.DeletionPolicy;
import io.waystation.operator.plan.DeletionPlanner.Verdict;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is left to do before a Topic or Channel that was deleted at 10:00:00 may go, one folder each.
class DeletionGoldenTest {
    private static final String PLANNER = "deletion";
    private static final Instant DELETED_AT = Instant.parse("2026-01-01T10:00:00Z");

    static Stream<String> cases() {
        return GoldenFolder.cases(PLANNER);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void comesToWhatTheFolderSays(String name) throws IOException {
        var folder = new GoldenFolder(PLANNER, name);
        var pass = folder.pass();
        var facts = new DeletionPlanner.Facts(
                "topic-1",
                DeletionPolicy.valueOf(String.valueOf(pass.get("policy"))),
                !Boolean.TRUE.equals(pass.get("clusterGone")),
                DELETED_AT,
                Instant.parse(String.valueOf(pass.get("now"))),
                GoldenBroker.views(folder.in("brokers", new TypeReference<Map<String, GoldenBroker>>() {})));

        var verdict = DeletionPlanner.plan(facts);

        folder.check("verdict", shown(verdict));
        folder.everyFileIsUsed();
    }

    private static Map<String, Object> shown(Verdict verdict) {
        var shown = new LinkedHashMap<String, Object>();
        shown.put("verdict", verdict.getClass().getSimpleName());
        switch (verdict) {
            case Verdict.Release release -> shown.put("event", release.event());
            case Verdict.Delete deletion -> {
                shown.put("brokers", pods(deletion));
                shown.put("ifEmpty", deletion.ifEmpty());
            }
            case Verdict.Wait wait -> {
                shown.put("reason", wait.reason());
                shown.put("message", wait.message());
                shown.put("unfinished", wait.unfinished());
            }
        }
        return shown;
    }

    private static List<String> pods(Verdict.Delete deletion) {
        return deletion.brokers().stream().map(BrokerView::pod).toList();
    }
}
