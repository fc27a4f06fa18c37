package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// The image in a real Kubernetes: not root, on a read-only root file system, with volumes, DNS names and probes;
/// go-nsq
/// in pods of its own.
class ImageIT {
    private static final Duration READY_LIMIT = Duration.ofMinutes(2);
    private static final Duration FLOW_LIMIT = Duration.ofMinutes(4);

    @Test
    void messagesSurviveAKilledBrokerPodUnderLoad() throws IOException {
        try (var kubernetes = Kubernetes.start()) {
            kubernetes.loadImage(Command.ROOT.resolve("broker-image/image/target/waystation-image.tar"));
            kubernetes.loadProgram(GoClient.build(), "waystation/counted:test");
            kubernetes.kubectl("create", "namespace", "plain");
            kubernetes.apply("plain", resource("/plain.yaml"));
            kubernetes.await(
                    "plain",
                    READY_LIMIT,
                    "2/2",
                    "get",
                    "statefulset",
                    "broker",
                    "-n",
                    "plain",
                    "-o",
                    "jsonpath={.status.readyReplicas}/{.spec.replicas}");
            pod(kubernetes, "consumer", "consume -topic t -count 5000 lookup-0.lookup:4161");
            pod(
                    kubernetes,
                    "producer",
                    "produce -topic t -count 5000 -rate 400 broker-0.brokers:4150 broker-1.brokers:4150");
            kubernetes.await("plain", READY_LIMIT, "Running", "get", "pod", "producer", "-n", "plain");

            kubernetes.kubectl("delete", "pod", "broker-1", "-n", "plain", "--grace-period=0", "--force");

            kubernetes.await("plain", FLOW_LIMIT, "acknowledged 5000", "logs", "producer", "-n", "plain");
            kubernetes.await("plain", FLOW_LIMIT, "distinct 5000", "logs", "consumer", "-n", "plain");
            assertThat(kubernetes.kubectl("get", "pods", "-n", "plain")).contains("broker-1");
        }
    }

    private static void pod(Kubernetes kubernetes, String name, String arguments) throws IOException {
        var words = ("run " + name
                        + " -n plain --restart=Never --image=waystation/counted:test --image-pull-policy=Never -- "
                        + arguments)
                .split(" ");
        kubernetes.kubectl(words);
    }

    private static String resource(String name) throws IOException {
        try (var stream = Objects.requireNonNull(ImageIT.class.getResourceAsStream(name))) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
