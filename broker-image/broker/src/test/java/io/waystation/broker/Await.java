package io.waystation.broker;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Asks again and again until what is asked for is so; a test that waits for ten seconds fails.
final class Await {
    private static final long LIMIT_NS = 10_000_000_000L;

    interface Question {
        String ask() throws IOException;
    }

    private Await() {}

    /// The answer, once it contains all the parts.
    static String contains(Question question, String... parts) throws IOException {
        long startNs = System.nanoTime();
        while (true) {
            var answer = question.ask();
            var missing = firstMissing(answer, parts);
            if (missing == null) {
                return answer;
            }
            if (System.nanoTime() - startNs > LIMIT_NS) {
                throw new AssertionError("never came: " + missing + " in " + answer);
            }
            Thread.onSpinWait();
        }
    }

    private static @Nullable String firstMissing(String answer, String... parts) {
        for (var part : parts) {
            if (!answer.contains(part)) {
                return part;
            }
        }
        return null;
    }
}
