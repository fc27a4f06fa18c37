package io.waystation.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final Turns turns = new Turns("tests", 2);
    private final List<String> told = new ArrayList<>();

    private Turns.Waiter waiter(String name) {
        // A lambda that captured nothing would be the same for all.
        return () -> told.add(name);
    }

    @Test
    void soManyHaveTheirTurnAtOnceAndOthersFollowInOrder() {
        var first = waiter("first");
        var second = waiter("second");
        turns.ask(first);
        turns.ask(second);
        turns.ask(waiter("third"));
        turns.ask(waiter("fourth"));
        var atOnce = List.copyOf(told);

        turns.leave(second);
        turns.leave(first);

        assertThat(atOnce).containsExactly("first", "second");
        assertThat(told).containsExactly("first", "second", "third", "fourth");
        assertThat(turns.underWayCount()).isEqualTo(2);
        assertThat(turns.waitingCount()).isZero();
    }

    @Test
    void whoLeavesWhileItWaitsIsPassedOver() {
        var first = waiter("first");
        var impatient = waiter("impatient");
        turns.ask(first);
        turns.ask(waiter("second"));
        turns.ask(impatient);
        turns.ask(waiter("patient"));

        turns.leave(impatient);
        turns.leave(first);

        assertThat(told).containsExactly("first", "second", "patient");
    }

    @Test
    void leavingTwiceGivesNobodyASecondTurn() {
        var first = waiter("first");
        turns.ask(first);
        turns.ask(waiter("second"));
        turns.ask(waiter("third"));
        turns.ask(waiter("fourth"));

        turns.leave(first);
        turns.leave(first);

        assertThat(told).containsExactly("first", "second", "third");
        assertThat(turns.waitingCount()).isEqualTo(1);
    }
}
