package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// More brokers and fewer again while messages flow, with the operator restarted in the middle of each step.
@ExtendWith(OnKubernetes.class)
class ScaleIT {
    private static final String LEAVING = "grow-broker-2";

    @Test
    void brokersComeAndGoUnderLoadWithoutLossOrDuplicates(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("grow", 1, 1) + "---\n" + Yaml.topic("flow", "grow", "") + "---\n"
                + Yaml.channel("flow-counted", "flow", "name: counted"));
        namespace.awaitReady(Kind.CHANNEL, "flow-counted");
        namespace.awaitSettled("grow", 1, 1);
        var first = namespace.lives("broker");
        var load = Load.start(namespace, "flow", 3, 200, brokers(), "grow-lookup-0.grow-lookup:4161");

        scale(namespace, 3);
        namespace.awaitSettled("grow", 3, 1);
        namespace.awaitReady(Kind.CHANNEL, "flow-counted");
        load.awaitPublishedAt(LEAVING + ".grow-brokers:4150");
        assertThat(namespace.get(Kind.CLUSTER, "grow").<List<Map<String, Object>>>get("status", "brokers"))
                .extracting(broker -> broker.get("safeToStop"))
                .containsOnly(Map.of("safe", true));

        park(namespace, 7);
        scale(namespace, 1);
        awaitBlocked(namespace, "grow-broker-2 still holds 7 messages");
        assertThat(publish(namespace)).contains("503");
        assertThat(servedBy(namespace)).doesNotContain(LEAVING);

        scale(namespace, 3);
        namespace.awaitSettled("grow", 3, 1);
        assertThat(namespace.condition(Kind.CLUSTER, "grow", "ScaleDownBlocked"))
                .isEqualTo(TestNamespace.Condition.NONE);
        load.awaitPublishedAt(LEAVING + ".grow-brokers:4150");

        scale(namespace, 1);
        awaitBlocked(namespace, "grow-broker-2 still holds 7 messages");
        namespace.http("POST", LEAVING, 4151, "/channel/empty?topic=parked&channel=nobody", null);
        namespace.awaitSettled("grow", 1, 1);
        load.awaitFlow();

        var tally = load.finish();
        assertThat(tally.distinct()).as("missing: %s", tally.missing()).isEqualTo(tally.acknowledged());
        assertThat(tally.duplicates()).isZero();
        assertThat(namespace.lives("broker")).isEqualTo(first);
        assertThat(namespace.http("GET", "grow-lookup-0", 4161, "/nodes", null))
                .contains("grow-broker-0.")
                .doesNotContain("grow-broker-1.", "grow-broker-2.");
        assertThat(namespace
                        .client()
                        .persistentVolumeClaims()
                        .inNamespace(namespace.name())
                        .list()
                        .getItems())
                .extracting(claim -> claim.getMetadata().getName())
                .containsExactlyInAnyOrder("data-grow-broker-0", "data-grow-broker-1", "data-grow-broker-2");
    }

    private static String brokers() {
        return "grow-broker-0.grow-brokers:4150 grow-broker-1.grow-brokers:4150 grow-broker-2.grow-brokers:4150"
                + " grow:4150";
    }

    private static void scale(TestNamespace namespace, int brokers) throws IOException {
        namespace.kubectl("scale", "messagecluster/grow", "--replicas=" + brokers);
        namespace.kubernetes().operator().restart();
    }

    /// Messages on the leaving broker that nobody consumes.
    private static void park(TestNamespace namespace, int count) {
        namespace.http("POST", LEAVING, 4151, "/topic/create?topic=parked", null);
        namespace.http("POST", LEAVING, 4151, "/channel/create?topic=parked&channel=nobody", null);
        for (int i = 0; i < count; i++) {
            namespace.http("POST", LEAVING, 4151, "/pub?topic=parked", "parked");
        }
    }

    private static void awaitBlocked(TestNamespace namespace, String message) {
        namespace.awaitCondition(
                Kind.CLUSTER,
                "grow",
                "ScaleDownBlocked",
                blocked ->
                        blocked.is("True", "MessagesLeft") && blocked.message().contains(message));
    }

    private static String publish(TestNamespace namespace) {
        return namespace.refusal("POST", LEAVING, 4151, "/pub?topic=flow", "refused");
    }

    /// The brokers behind the publishing Service.
    private static List<String> servedBy(TestNamespace namespace) {
        return Await.until(
                "the Service grow has only brokers that take publishes",
                TestNamespace.READY_LIMIT,
                () -> namespace
                        .client()
                        .discovery()
                        .v1()
                        .endpointSlices()
                        .inNamespace(namespace.name())
                        .withLabel("kubernetes.io/service-name", "grow")
                        .list()
                        .getItems()
                        .stream()
                        .flatMap(slice -> slice.getEndpoints().stream())
                        .map(endpoint -> endpoint.getTargetRef().getName())
                        .toList(),
                pods -> !pods.contains(LEAVING));
    }
}
