package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/// What becomes of resources when the operator, or their kinds, go before them.
@ExtendWith(OnKubernetes.class)
@Isolated("takes away what all others use")
class UninstallIT {
    @AfterEach
    void operatorIsBack(Kubernetes kubernetes) throws IOException {
        kubernetes.operator().applyCrds();
        kubernetes.operator().start();
    }

    @Test
    void withoutAnOperatorOnlyDeletionsThatNeedBrokersWaitForIt(TestNamespace namespace) throws IOException {
        var operator = namespace.kubernetes().operator();
        namespace.apply(Yaml.cluster("alone", 1, 1)
                + DeletionIT.everything("keep", "alone", "Retain")
                + DeletionIT.everything("drop", "alone", "Delete"));
        namespace.awaitReady(Kind.CHANNEL, "keep-c");
        namespace.awaitReady(Kind.CHANNEL, "drop-c");
        operator.stop();

        assertThatThrownBy(() -> namespace.apply(Yaml.topic("odd", "alone", "name: \"a b\"")))
                .hasMessageContaining("spec.name: Invalid value: \"a b\"");
        assertThatThrownBy(() -> namespace.apply(Yaml.topic("keep", "other", "deletionPolicy: Retain")))
                .hasMessageContaining("clusterRef is immutable");
        for (var topic : List.of("keep", "drop")) {
            namespace.delete(Kind.TOPIC, topic);
            namespace.delete(Kind.CHANNEL, topic + "-c");
        }
        DeletionIT.awaitGone(namespace, Kind.TOPIC, "keep");
        DeletionIT.awaitGone(namespace, Kind.CHANNEL, "keep-c");
        namespace.delete(Kind.CLUSTER, "alone");
        DeletionIT.awaitGone(namespace, Kind.CLUSTER, "alone");
        DeletionIT.awaitNoPods(namespace);
        assertThat(namespace.get(Kind.TOPIC, "drop").getFinalizers()).containsExactly("waystation.io/messages");
        operator.start();

        DeletionIT.awaitGone(namespace, Kind.TOPIC, "drop");
        DeletionIT.awaitGone(namespace, Kind.CHANNEL, "drop-c");
        namespace.delete();
        DeletionIT.awaitNamespaceGone(namespace);
    }

    @Test
    void theKindsGoWithAllTheirResourcesAndTheOperatorWorksWhenTheyAreBack(TestNamespace namespace) throws IOException {
        var operator = namespace.kubernetes().operator();
        namespace.apply(Yaml.cluster("typed", 1, 1) + DeletionIT.everything("drop", "typed", "Delete"));
        namespace.awaitReady(Kind.CHANNEL, "drop-c");
        namespace.http("POST", "typed-broker-0", 4151, "/pub?topic=drop", "dropped");

        operator.deleteCrds();
        Await.until("the kinds are gone", DeletionIT.LIMIT, operator::crdsLeft, List::isEmpty);
        DeletionIT.awaitNoPods(namespace);
        operator.applyCrds();
        namespace.apply(Yaml.cluster("typed", 1, 1) + DeletionIT.everything("drop", "typed", "Delete"));

        namespace.awaitReady(Kind.CHANNEL, "drop-c");
        namespace.awaitSettled("typed", 1, 1);
    }
}
