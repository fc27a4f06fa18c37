package io.waystation.e2e;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.ResourceNotFoundException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/// Waits for a state of the cluster. Who waits in vain is told what was awaited, for how long, and what was seen last.
final class Await {
    private static final Duration INTERVAL = Duration.ofMillis(300);

    private Await() {}

    /// What was seen when it was good. A call that the API server refuses is a state that is not good yet.
    static <T> T until(String what, Duration limit, Callable<T> look, Predicate<T> good) {
        var seen = new AtomicReference<Object>("nothing");
        try {
            return Awaitility.await(what)
                    .atMost(limit)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(INTERVAL)
                    .ignoreExceptionsMatching(failure -> {
                        seen.set(failure);
                        return failure instanceof KubernetesClientException
                                || failure instanceof ResourceNotFoundException
                                || failure instanceof NullPointerException;
                    })
                    .until(
                            () -> {
                                var state = look.call();
                                seen.set(state);
                                return state;
                            },
                            good);
        } catch (ConditionTimeoutException late) {
            throw new AssertionError(
                    "awaited for " + limit.toSeconds() + " s: " + what + "\nseen last: " + text(seen.get()), late);
        }
    }

    /// Of a resource only its status, which says why.
    private static String text(Object seen) {
        return seen instanceof GenericKubernetesResource resource
                ? String.valueOf(resource.getAdditionalProperties().get("status"))
                : String.valueOf(seen);
    }
}
