package io.waystation.broker.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A loop's timers, on a thread whose clock the test moves.
class TimersTest {
    private final SimLoop thread = new SimLoop(1_000_003, 1_700_000_000_000L);
    private final Loop loop = new Loop(0, thread);
    private final List<String> ran = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "31, 31", "32, 37", "37, 37", "38, 45", "30000, 30005"})
    void a_task_runs_when_its_delay_has_passed_and_less_than_eight_ms_later(long delayMs, long runsAfterMs) {
        long beganMs = thread.monotonicMs();
        loop.schedule(() -> ran.add("after " + (thread.monotonicMs() - beganMs)), delayMs);

        thread.pass(beganMs + 60_000 - thread.monotonicMs());

        assertThat(ran).containsExactly("after " + runsAfterMs);
    }

    @Test
    void ten_thousand_heartbeats_of_two_seconds_wake_the_thread_once_in_eight_ms() {
        for (int i = 0; i < 10_000; i++) {
            loop.schedule(() -> ran.add("beat"), 30_000 + i / 5);
        }

        thread.pass(60_000);

        assertThat(ran).hasSize(10_000);
        assertThat(thread.wakeCount()).isBetween(250, 251);
    }

    @Test
    void tasks_due_together_run_in_the_order_in_which_they_were_asked_for() {
        loop.schedule(() -> ran.add("first"), 100);
        loop.schedule(() -> ran.add("second"), 99);

        thread.pass(200);

        assertThat(ran).containsExactly("first", "second");
    }

    @Test
    void a_task_may_ask_for_itself_again() {
        loop.schedule(new Again(3), 100);

        thread.pass(1000);

        assertThat(ran).containsExactly("3", "2", "1");
    }

    private final class Again implements Runnable {
        private int left;

        Again(int left) {
            this.left = left;
        }

        @Override
        public void run() {
            ran.add(String.valueOf(left));
            left--;
            if (left > 0) {
                loop.schedule(this, 100);
            }
        }
    }
}
