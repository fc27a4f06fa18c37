package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TestRunTest {
    @Test
    void aRunGoesOnWhileItsProcessLives() {
        var mine = new TestRun(ProcessHandle.current());

        assertThat(TestRun.parse(mine.toString())).isEqualTo(mine);
        assertThat(mine.goesOn()).isTrue();
    }

    @Test
    void aRunIsOverWhenItsProcessEndedOrAnotherOneHasItsNumber() throws Exception {
        var ended = new ProcessBuilder("true").start();
        var its = new TestRun(ended.toHandle());
        ended.waitFor();
        var mine = new TestRun(ProcessHandle.current());

        assertThat(its.goesOn()).isFalse();
        assertThat(new TestRun(mine.process(), mine.startedMs() - 1).goesOn()).isFalse();
    }
}
