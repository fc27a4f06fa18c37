package io.waystation.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.waystation.operator.api.Condition;
import io.waystation.operator.api.EventReason;
import io.waystation.operator.api.MessageCluster;
import io.waystation.operator.api.MessageClusterStatus;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// When an object that had to be applied is worth an event.
class ClusterEventsTest {
    private static final HasMetadata SERVICE = new ServiceBuilder()
            .withNewMetadata()
            .withName("orders")
            .endMetadata()
            .build();

    /// Of generation 1, which was observed, or not yet.
    private static MessageCluster cluster(long observedGeneration, String... conditions) {
        var cluster = RandomCluster.cluster(new RandomCluster(0).spec());
        var list = Arrays.stream(conditions)
                .map(type -> new Condition(type, "True", "AllServing", "so it is", null, 1L))
                .toList();
        cluster.setStatus(new MessageClusterStatus(
                observedGeneration, list, null, null, null, null, null, null, null, null, null, null, null, null));
        return cluster;
    }

    @Test
    void anObjectThatWasOtherwiseAlthoughTheSpecWasCarriedOutIsTold() {
        assertThat(ClusterEvents.correction(cluster(1, "Ready"), SERVICE))
                .contains(new PlannedEvent(EventReason.Corrected, "Service orders is again as the spec says"));
    }

    @Test
    void whatANewSpecAsksForIsNotTold() {
        assertThat(ClusterEvents.correction(cluster(0, "Ready"), SERVICE)).isEmpty();
        assertThat(ClusterEvents.correction(cluster(1, "Ready", "Reconciling"), SERVICE))
                .isEmpty();
        assertThat(ClusterEvents.correction(cluster(1, "Ready", "Stalled"), SERVICE))
                .isEmpty();
    }

    @Test
    void aNewClusterHasNothingToTell() {
        var cluster = RandomCluster.cluster(new RandomCluster(0).spec());

        assertThat(ClusterEvents.correction(cluster, SERVICE)).isEmpty();
    }
}
