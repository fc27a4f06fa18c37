package io.waystation.operator.reconciler;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.plan.BrokerView;
import io.waystation.operator.plan.ClusterNames;
import io.waystation.operator.plan.OnBroker;
import io.waystation.operator.plan.PodFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;

/// The broker pods of all clusters, as an informer has them, by cluster. A pod that becomes ready, or changes its
/// address, wakes the resources that concern it. Safe from any thread: the informer is.
final class BrokerPods<P extends HasMetadata> {
    private static final String BY_CLUSTER = "cluster";

    private final InformerEventSource<Pod, P> source;

    /// `concerned` gives the resources of a cluster, by namespace and name.
    BrokerPods(Class<P> type, EventSourceContext<P> context, BiFunction<String, String, Set<ResourceID>> concerned) {
        source = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, type)
                        .withLabelSelector(ClusterNames.MANAGED_BY + "=" + ClusterNames.OPERATOR + ","
                                + ClusterNames.COMPONENT + "=" + ClusterNames.BROKER)
                        .withNamespacesInheritedFromController()
                        .withSecondaryToPrimaryMapper(
                                pod -> concerned.apply(pod.getMetadata().getNamespace(), cluster(pod)))
                        .withPrimaryToSecondaryMapper((P primary) -> Set.of())
                        .withOnUpdateFilter(BrokerPods::isOtherwiseReachable)
                        .build(),
                context);
        source.addIndexers(
                Map.of(BY_CLUSTER, pod -> List.of(key(pod.getMetadata().getNamespace(), cluster(pod)))));
    }

    InformerEventSource<Pod, P> source() {
        return source;
    }

    /// One view for each broker that the cluster wants or has, by ordinal.
    List<BrokerView> views(MessageCluster cluster) {
        var names = ClusterNames.of(cluster);
        var pods = new HashMap<Integer, PodFacts>();
        int count = cluster.getSpec().brokers().count();
        for (var pod : source.byIndex(BY_CLUSTER, key(names.namespace(), names.cluster()))) {
            var facts = PodFacts.of(pod);
            if (facts.name().equals(names.brokerPod(facts.ordinal()))) {
                pods.put(facts.ordinal(), facts);
                count = Math.max(count, facts.ordinal() + 1);
            }
        }
        var views = new ArrayList<BrokerView>();
        for (int ordinal = 0; ordinal < count; ordinal++) {
            var pod = pods.get(ordinal);
            boolean reachable = pod != null && pod.ready() && pod.address() != null;
            views.add(new BrokerView(
                    names.brokerPod(ordinal),
                    reachable && pod != null ? pod.address() : null,
                    new OnBroker.NotReady()));
        }
        return views;
    }

    private static String cluster(Pod pod) {
        return pod.getMetadata().getLabels().getOrDefault(ClusterNames.INSTANCE, "");
    }

    private static String key(String namespace, String cluster) {
        return namespace + "/" + cluster;
    }

    private static boolean isOtherwiseReachable(Pod now, Pod before) {
        return PodFacts.isReady(now) != PodFacts.isReady(before)
                || !Objects.equals(address(now), address(before))
                || !Objects.equals(
                        now.getMetadata().getUid(), before.getMetadata().getUid());
    }

    private static String address(Pod pod) {
        return pod.getStatus() == null ? "" : String.valueOf(pod.getStatus().getPodIP());
    }
}
