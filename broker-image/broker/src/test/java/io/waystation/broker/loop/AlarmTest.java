package io.waystation.broker.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Alarms on a thread whose clock the test moves.
///
/// `-Dtest.jvm=-Dalarm.seed=N` repeats a seed.
class AlarmTest {
    private static final long HOUR_MS = 3_600_000;

    private final SimLoop thread = new SimLoop(1_000_003, 1_700_000_000_000L);
    private final Loop loop = new Loop(0, thread);
    private final List<Long> rung = new ArrayList<>();
    private final Alarm alarm = new Alarm(loop, () -> rung.add(thread.monotonicMs()));

    private void set(long atMs) {
        loop.begin();
        alarm.set(atMs);
    }

    @Test
    void an_alarm_that_is_moved_later_a_million_times_costs_one_timer() {
        long beganMs = thread.monotonicMs();
        for (int i = 0; i < 1_000_000; i++) {
            set(beganMs + 60_000 + i / 1000);
        }

        thread.pass(beganMs + HOUR_MS - thread.monotonicMs());

        assertThat(rung).hasSize(1);
        assertThat(rung.getFirst()).isBetween(beganMs + 60_999, beganMs + 60_999 + 8);
        assertThat(thread.taskCount()).isLessThan(20);
    }

    @Test
    void an_alarm_that_is_moved_earlier_each_millisecond_costs_few_timers() {
        long beganMs = thread.monotonicMs();
        for (int i = 0; i < 100_000; i++) {
            set(beganMs + HOUR_MS - 30L * i);
        }

        assertThat(thread.pendingWakes()).isLessThan(32);
        thread.pass(beganMs + 2 * HOUR_MS - thread.monotonicMs());
        assertThat(rung).hasSize(1);
        assertThat(rung.getFirst()).isBetween(beganMs + HOUR_MS - 2_999_970, beganMs + HOUR_MS - 2_999_970 + 8);
    }

    @Test
    void short_waits_before_a_long_one_do_not_repeat_the_long_one() {
        for (int i = 0; i < 10_000; i++) {
            set(thread.monotonicMs() + HOUR_MS);
            set(thread.monotonicMs() + 1);
            thread.pass(1);
        }

        assertThat(rung).hasSize(10_000);
        assertThat(thread.pendingWakes()).isLessThan(32);
    }

    @Test
    void an_alarm_that_ended_rings_no_more() {
        set(thread.monotonicMs() + 100);
        alarm.end();
        set(thread.monotonicMs() + 50);

        thread.pass(HOUR_MS);

        assertThat(rung).isEmpty();
    }

    @Test
    void an_alarm_rings_at_the_last_time_it_was_set_to_and_less_than_eight_ms_later() {
        long seed = Long.getLong("alarm.seed", 1);
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 2_000; i++) {
            long atMs = 0;
            for (int moves = random.nextInt(1, 6); moves > 0; moves--) {
                thread.pass(random.nextInt(3));
                rung.clear();
                atMs = thread.monotonicMs() + random.nextLong(1, 1L << random.nextInt(1, 20));
                set(atMs);
            }

            thread.pass(atMs - 1 - thread.monotonicMs());
            assertThat(rung).as("round %d of -Dalarm.seed=%d", i, seed).isEmpty();
            thread.pass(atMs + 8 - thread.monotonicMs());
            assertThat(rung).as("round %d of -Dalarm.seed=%d", i, seed).hasSize(1);
        }
    }
}
