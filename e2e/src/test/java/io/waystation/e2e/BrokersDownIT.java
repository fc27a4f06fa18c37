package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Deletion while no broker runs: it waits for them for a minute, and ends then; what it was not told to remove
/// stays.
@ExtendWith(OnKubernetes.class)
class BrokersDownIT {
    private static final String BROKER = "down-broker-0";

    @Test
    void deletionsWaitForBrokersThatComeBackAndNotForThoseThatDoNot(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("down", 1, 1)
                + DeletionIT.everything("keep", "down", "Retain")
                + DeletionIT.everything("drop", "down", "Delete")
                + DeletionIT.everything("late", "down", "Delete"));
        for (var topic : List.of("keep", "drop", "late")) {
            namespace.awaitReady(Kind.CHANNEL, topic + "-c");
            DeletionIT.publish(namespace, BROKER, topic);
        }

        takeBrokersAway(namespace);
        delete(namespace, "keep");
        delete(namespace, "drop");
        awaitGone(namespace, "keep");
        namespace.awaitCondition(Kind.TOPIC, "drop", "Ready", ready -> ready.is("False", "BrokerUnreachable"));
        bringBrokersBack(namespace);
        awaitGone(namespace, "drop");
        assertThat(namespace.refusal("GET", BROKER, 4151, "/waystation/v1/topics/drop", null))
                .contains("Not Found");

        takeBrokersAway(namespace);
        delete(namespace, "late");
        namespace.kubernetes().operator().restart();
        Await.until(
                "the Topic late is released without its broker",
                TestNamespace.READY_LIMIT,
                () -> namespace.find(Kind.TOPIC, "late") == null && namespace.find(Kind.CHANNEL, "late-c") == null,
                gone -> gone);
        assertThat(namespace.kubectl("get", "events", "--field-selector=reason=DeletedWithoutBroker"))
                .contains("topic/late", "channel/late-c", BROKER + " could not be asked and may still have it");

        bringBrokersBack(namespace);
        for (var topic : List.of("keep", "late")) {
            assertThat(DeletionIT.unfinished(namespace, BROKER, topic)).contains("\"unfinished\":3,");
        }
    }

    private static void delete(TestNamespace namespace, String topic) {
        namespace.delete(Kind.TOPIC, topic);
        namespace.delete(Kind.CHANNEL, topic + "-c");
    }

    private static void awaitGone(TestNamespace namespace, String topic) {
        DeletionIT.awaitGone(namespace, Kind.TOPIC, topic);
        DeletionIT.awaitGone(namespace, Kind.CHANNEL, topic + "-c");
    }

    /// The operator would bring them back if it were not told to leave the cluster alone.
    private static void takeBrokersAway(TestNamespace namespace) throws IOException {
        namespace.kubectl("annotate", "messagecluster/down", "waystation.io/paused=true");
        namespace.awaitCondition(
                Kind.CLUSTER, "down", "Paused", paused -> paused.status().equals("True"));
        namespace.kubectl("scale", "statefulset/down-broker", "--replicas=0");
        Await.until("no broker runs", TestNamespace.READY_LIMIT, () -> namespace.pods("broker"), List::isEmpty);
    }

    private static void bringBrokersBack(TestNamespace namespace) throws IOException {
        namespace.kubectl("annotate", "messagecluster/down", "waystation.io/paused-");
        namespace.awaitSettled("down", 1, 1);
    }
}
