package io.waystation.e2e;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.HashSet;
import java.util.Set;

/// Sees every change of the brokers' readiness in a namespace, so that nothing is missed between two looks. Safe from
/// any thread: guarded by itself.
final class ReadinessWatch implements ResourceEventHandler<Pod>, AutoCloseable {
    private final SharedIndexInformer<Pod> informer;
    private final Set<String> unready = new HashSet<>();
    private int mostUnready;

    ReadinessWatch(TestNamespace namespace) {
        informer = namespace
                .client()
                .pods()
                .inNamespace(namespace.name())
                .withLabel("app.kubernetes.io/component", "broker")
                .inform(this);
    }

    /// The largest number of brokers that were not ready at once.
    synchronized int mostUnready() {
        return mostUnready;
    }

    @Override
    public synchronized void onAdd(Pod pod) {
        see(pod);
    }

    @Override
    public synchronized void onUpdate(Pod before, Pod now) {
        see(now);
    }

    @Override
    public synchronized void onDelete(Pod pod, boolean unknown) {
        unready.add(pod.getMetadata().getName());
        mostUnready = Math.max(mostUnready, unready.size());
    }

    private void see(Pod pod) {
        boolean ready = pod.getMetadata().getDeletionTimestamp() == null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
        if (ready) {
            unready.remove(pod.getMetadata().getName());
        } else {
            unready.add(pod.getMetadata().getName());
        }
        mostUnready = Math.max(mostUnready, unready.size());
    }

    @Override
    public void close() {
        informer.stop();
    }
}
