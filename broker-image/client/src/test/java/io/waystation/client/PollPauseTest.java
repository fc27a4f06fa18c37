package io.waystation.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PollPauseTest {
    private final PollPause pause = new PollPause(Duration.ofSeconds(60), 0.3, new SplittableRandom(7));

    @Test
    void pollsAreSpreadByTheJitter() {
        for (int i = 0; i < 1000; i++) {
            assertThat(pause.regular()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(78));
        }
        assertThat(Stream.generate(pause::regular).limit(100).distinct()).hasSize(100);
    }

    @Test
    void withoutJitterTheIntervalIsKept() {
        var exact = new PollPause(Duration.ofSeconds(60), 0, new SplittableRandom(7));

        assertThat(exact.regular()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void retriesBecomeRarerUpTo15Seconds() {
        assertThat(pause.retry()).isEqualTo(Duration.ofSeconds(1));
        assertThat(pause.retry()).isEqualTo(Duration.ofSeconds(2));
        assertThat(pause.retry()).isEqualTo(Duration.ofSeconds(4));
        assertThat(pause.retry()).isEqualTo(Duration.ofSeconds(8));
        assertThat(pause.retry()).isEqualTo(Duration.ofSeconds(15));
        assertThat(pause.retry()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void aCalmPauseMakesRetriesQuickAgain() {
        pause.retry();
        pause.retry();

        pause.reset();

        assertThat(pause.retry()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aRetryIsNeverLaterThanAPoll() {
        var quick = new PollPause(Duration.ofMillis(10), 0, new SplittableRandom(7));

        assertThat(quick.retry()).isEqualTo(Duration.ofMillis(10));
        assertThat(quick.retry()).isEqualTo(Duration.ofMillis(10));
    }
}
