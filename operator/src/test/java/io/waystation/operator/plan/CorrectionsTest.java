package io.waystation.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.operator.api.Correction;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CorrectionsTest {
    private static final Instant START = Instant.parse("2026-01-01T10:00:00Z");
    private static final Duration FIGHT = Duration.ofHours(3);

    /// Somebody changes a value over and over; the operator looks at it now and then and changes it back where it may.
    private static final class Fight {
        private final SplittableRandom random;
        private final List<Instant> changedBack = new ArrayList<>();
        private List<Correction> known = List.of();
        private Instant now = START;
        private boolean changed;

        Fight(long seed) {
            this.random = new SplittableRandom(seed);
        }

        /// Somebody who changes it at one pass in so many, on average.
        void goesOnFor(Duration length, int oneIn) {
            for (var end = now.plus(length); now.isBefore(end); ) {
                pass(random.nextInt(oneIn) == 0);
            }
        }

        void ends() {
            for (var end = now.plus(Duration.ofHours(1)); now.isBefore(end); ) {
                pass(false);
            }
        }

        private void pass(boolean change) {
            now = now.plusSeconds(1 + random.nextInt(120));
            changed |= change;
            boolean back = changed && !Corrections.held(known, now).contains("paused");
            if (back) {
                changed = false;
                changedBack.add(now);
            }
            known = Corrections.after(known, back ? List.of(new Corrected("paused", "other")) : List.of(), now);
        }
    }

    @Test
    void whoChangesItAtOnceEachTimeIsFoughtThreeTimesAndThenOnceInAQuarterOfAnHour() {
        for (long seed = 0; seed < 500; seed++) {
            var fight = new Fight(seed);

            fight.goesOnFor(FIGHT, 1);

            var times = fight.changedBack;
            for (int i = Corrections.TIMES; i < times.size(); i++) {
                assertThat(Duration.between(times.get(i - 1), times.get(i)))
                        .as("seed %d: changed back at %s", seed, times)
                        .isGreaterThanOrEqualTo(Corrections.LONG);
            }
        }
    }

    /// Twice before a count begins anew, and then until it is full.
    @Test
    void nothingIsChangedBackOftenInTenMinutes() {
        for (long seed = 0; seed < 500; seed++) {
            var fight = new Fight(seed);

            fight.goesOnFor(FIGHT, 1 + (int) (seed % 5));

            var times = fight.changedBack;
            int most = 2 * Corrections.TIMES - 1;
            for (int i = most; i < times.size(); i++) {
                assertThat(Duration.between(times.get(i - most), times.get(i)))
                        .as("seed %d: changed back at %s", seed, times)
                        .isGreaterThan(Corrections.WINDOW);
            }
        }
    }

    @Test
    void whatIsLeftInPeaceIsForgotten() {
        for (long seed = 0; seed < 500; seed++) {
            var fight = new Fight(seed);
            fight.goesOnFor(FIGHT, 3);

            fight.ends();

            assertThat(fight.known).as("seed %d", seed).isEmpty();
        }
    }

    @Test
    void aValueThatIsNotChangedAgainInTimeCountsFromTheBeginning() {
        var first = Corrections.after(List.of(), List.of(new Corrected("paused", null)), START);

        var later = Corrections.after(first, List.of(new Corrected("paused", null)), START.plus(Corrections.WINDOW));

        assertThat(later).singleElement().satisfies(correction -> {
            assertThat(correction.times()).isEqualTo(1);
            assertThat(correction.since()).isEqualTo("2026-01-01T10:10:00Z");
        });
    }

    @Test
    void anotherGenerationRemembersNothing() {
        var known = Corrections.after(List.of(), List.of(new Corrected("paused", null)), START);

        assertThat(Corrections.known(known, 1L, 1)).isEqualTo(known);
        assertThat(Corrections.known(known, 1L, 2)).isEmpty();
    }
}
