package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/// The API server answers nobody until the operator has given up. Only on a node that is ours.
@ExtendWith(OnKubernetes.class)
@Isolated("takes away what all others use")
@Tag("own-node")
class OutageIT {
    @AfterEach
    void apiServerIsBack(Kubernetes kubernetes) throws IOException {
        kubernetes.signalApiServer("CONT");
    }

    @Test
    void withoutAnApiServerMessagesFlowAndDeletionsEndOnceItIsBack(TestNamespace namespace) throws IOException {
        var kubernetes = namespace.kubernetes();
        namespace.apply(Yaml.cluster("away", 1, 1) + "---\n" + Yaml.topic("flow", "away", "")
                + DeletionIT.everything("keep", "away", "Retain")
                + DeletionIT.everything("drop", "away", "Delete")
                + DeletionIT.everything("wait", "away", "DeleteIfEmpty"));
        namespace.awaitReady(Kind.TOPIC, "flow");
        for (var topic : List.of("keep", "drop", "wait")) {
            namespace.awaitReady(Kind.CHANNEL, topic + "-c");
            DeletionIT.publish(namespace, "away-broker-0", topic);
        }
        namespace.awaitSettled("away", 1, 1);
        var lives = namespace.lives("broker");
        var load = Load.start(
                namespace, "flow", 2, 200, "away-broker-0.away-brokers:4150", "away-lookup-0.away-lookup:4161");
        load.awaitFlow();
        var producer = load.producerAddress();

        for (var topic : List.of("keep", "drop", "wait")) {
            namespace.delete(Kind.TOPIC, topic);
            namespace.delete(Kind.CHANNEL, topic + "-c");
        }
        var operator = kubernetes.operator().processes();
        kubernetes.signalApiServer("STOP");
        Await.until(
                "the operator gives up, since it cannot renew its lease",
                TestNamespace.READY_LIMIT,
                kubernetes.operator()::processes,
                now -> !now.equals(operator));
        load.awaitAcknowledgedPast(producer);
        kubernetes.signalApiServer("CONT");

        for (var topic : List.of("keep", "drop")) {
            DeletionIT.awaitGone(namespace, Kind.TOPIC, topic);
            DeletionIT.awaitGone(namespace, Kind.CHANNEL, topic + "-c");
        }
        namespace.awaitCondition(Kind.TOPIC, "wait", "Ready", ready -> ready.is("False", "NotEmpty"));
        namespace.http("POST", "away-broker-0", 4151, "/channel/empty?topic=wait&channel=c", null);
        DeletionIT.awaitGone(namespace, Kind.TOPIC, "wait");
        DeletionIT.awaitGone(namespace, Kind.CHANNEL, "wait-c");
        namespace.awaitSettled("away", 1, 1);
        var tally = load.finish();
        assertThat(tally.distinct()).as("missing: %s", tally.missing()).isEqualTo(tally.acknowledged());
        assertThat(tally.duplicates()).isZero();
        assertThat(namespace.lives("broker")).isEqualTo(lives);
        assertThat(DeletionIT.unfinished(namespace, "away-broker-0", "keep")).contains("\"unfinished\":3,");
    }
}
