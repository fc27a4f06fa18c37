package io.waystation.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.waystation.operator.api.ClusterReason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TroubleTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "[nsqd] 2026/01/01 10:00:30.000000 FATAL: it is taken | FATAL: it is taken",
                "{\"time\":\"2026-01-01T10:00:30.000000Z\",\"level\":\"FATAL\",\"message\":\"it is taken\",\"logger\":\"a.B\"}"
                        + " | FATAL: it is taken",
                "max-msg-size: 'x' (expected: bytes) | max-msg-size: 'x' (expected: bytes)",
                "{\"time\":\"2026-01-01T10:00:30 | {\"time\":\"2026-01-01T10:00:30",
                "{\"words\":1} | {\"words\":1}"
            })
    void theLastWordsAreTheSentenceOfTheLastLine(String line, String sentence) {
        var pod = new PodBuilder()
                .withNewStatus()
                .addNewContainerStatus()
                .withReady(false)
                .withNewState()
                .endState()
                .withNewLastState()
                .withNewTerminated()
                .withExitCode(1)
                .withMessage("what came before\n" + line + "\n")
                .endTerminated()
                .endLastState()
                .endContainerStatus()
                .endStatus()
                .build();

        assertThat(Trouble.of(pod))
                .isEqualTo(new Trouble(ClusterReason.PodFailing, "ended with exit code 1: " + sentence));
    }
}
