package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClosingTest {
    @Test
    void everythingIsClosedThoughSomethingFails() {
        List<String> closed = new ArrayList<>();
        var closing = new Closing()
                .then(() -> {
                    throw new IllegalStateException("first");
                })
                .then(() -> closed.add("second"))
                .then(() -> {
                    throw new IOException("third");
                })
                .then(() -> closed.add("fourth"));

        assertThatThrownBy(closing::end)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("first")
                .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(1));

        assertThat(closed).containsExactly("second", "fourth");
    }
}
