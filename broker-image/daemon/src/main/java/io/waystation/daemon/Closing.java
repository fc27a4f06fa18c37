package io.waystation.daemon;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Closes several things one after the other, each whatever became of those before it. Confined to one thread.
public final class Closing {
    /// One thing to close.
    @FunctionalInterface
    public interface Step {
        void close() throws IOException;
    }

    private @Nullable Throwable failure;

    public Closing then(Step step) {
        try {
            step.close();
        } catch (IOException | RuntimeException | Error next) {
            var first = failure;
            if (first == null) {
                failure = next;
            } else if (!first.equals(next)) {
                first.addSuppressed(next);
            }
        }
        return this;
    }

    /// Throws what failed first; what failed later is among its suppressed ones.
    public void end() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException io -> throw io;
            case Error error -> throw error;
            case RuntimeException bug -> throw bug;
            case Throwable other -> throw new IllegalStateException(other);
        }
    }
}
