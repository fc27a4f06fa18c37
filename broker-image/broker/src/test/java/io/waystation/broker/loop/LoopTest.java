package io.waystation.broker.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// The end of a loop's pass, on a thread that the test runs.
class LoopTest {
    private static final class QueuedThread implements LoopThread {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public void schedule(Runnable task, long delayMs) {
            throw new AssertionError("no timer is asked for");
        }

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public long monotonicMs() {
            return 1;
        }

        @Override
        public long wallMs() {
            return 1;
        }

        void run() {
            while (!tasks.isEmpty()) {
                tasks.remove().run();
            }
        }
    }

    private final QueuedThread thread = new QueuedThread();
    private final Loop loop = new Loop(0, thread);
    private final List<String> ran = new ArrayList<>();

    @Test
    void a_work_that_fails_keeps_nothing_else_from_being_done() {
        loop.work(Phase.APPEND, () -> {
                    throw new IllegalStateException("broken");
                })
                .request();
        loop.work(Phase.APPEND, () -> ran.add("append")).request();
        loop.work(Phase.FLUSH, () -> ran.add("flush")).request();

        assertThatThrownBy(thread::run).hasMessage("broken");
        thread.run();
        assertThat(ran).containsExactly("append", "flush");

        loop.work(Phase.PUMP, () -> ran.add("later")).request();
        thread.run();
        assertThat(ran).containsExactly("append", "flush", "later");
    }

    @Test
    void a_question_to_somebody_who_moves_meanwhile_is_asked_on_the_loop_that_he_moves_to() {
        var elsewhere = new QueuedThread();
        var target = new Loop(1, elsewhere);
        var where = new AtomicReference<>(loop);

        var answer = Loop.callWherever(where::get, () -> {
            ran.add("asked");
            return "answer";
        });
        where.set(target);
        thread.run();
        assertThat(ran).isEmpty();

        elsewhere.run();
        assertThat(ran).containsExactly("asked");
        assertThat(answer).isCompletedWithValue("answer");
    }
}
