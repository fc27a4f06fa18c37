package io.waystation.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ConditionsPageTest {
    private static final Path PAGE = Path.of("docs/conditions.md");

    @Test
    void thePageSaysWhatTheEnumsSay() throws IOException {
        var page = page();
        if (System.getProperty("docs.update") != null) {
            Files.writeString(PAGE, page);
        }

        assertThat(PAGE)
                .as("rewrite it with: mvn -pl operator test -Dtest=ConditionsPageTest -Ddocs.update")
                .hasContent(page);
    }

    private static String page() {
        return """
                # What a status says, and what to do

                Every `MessageCluster`, `Topic` and `Channel` has the condition `Ready` from the first time it is looked at. The
                others are there while they are true, `BrokersReady`, `LookupReady` and `StorageHealthy` always.
                """
                + table("Conditions", "condition", "means, when true", ConditionType.values(), ConditionType::meaning)
                + table(
                        "Reasons of a MessageCluster",
                        "reason",
                        "what to do",
                        ClusterReason.values(),
                        ClusterReason::advice)
                + table(
                        "Reasons of a Topic or Channel",
                        "reason",
                        "what to do",
                        TopicReason.values(),
                        TopicReason::advice)
                + table(
                        "Operations of a MessageCluster",
                        "operation",
                        "means",
                        OperationType.values(),
                        OperationType::meaning)
                + table("Steps of an operation", "step", "means", OperationStep.values(), OperationStep::meaning)
                + table(
                        "Why a broker or lookup restarts",
                        "reason",
                        "means",
                        RestartReason.values(),
                        RestartReason::meaning)
                + table("Events", "event", "means", EventReason.values(), EventReason::meaning);
    }

    private static <E extends Enum<E>> String table(
            String title, String name, String text, E[] values, Function<E, String> meaning) {
        var table = new StringBuilder("\n## " + title + "\n\n| " + name + " | " + text + " |\n|---|---|\n");
        for (var value : values) {
            table.append("| `")
                    .append(value.name())
                    .append("` | ")
                    .append(meaning.apply(value))
                    .append(" |\n");
        }
        return table.toString();
    }
}
