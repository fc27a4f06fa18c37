package io.waystation.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.waystation.operator.api.Channel;
import io.waystation.operator.api.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WantedTest {
    private static OnBroker.Present present(Map<String, Object> settings) {
        return new OnBroker.Present(null, false, settings, Figures.ZERO);
    }

    private static <T extends HasMetadata> T example(Class<T> kind, String name) throws IOException {
        var yaml = new KubernetesSerialization();
        for (var document :
                Files.readString(Path.of("../deploy/examples/payments.yaml")).split("\n---\n", -1)) {
            if (document.contains("kind: " + kind.getSimpleName() + "\n")) {
                var resource = yaml.unmarshal(document, kind);
                if (resource.getMetadata().getName().equals(name)) {
                    return resource;
                }
            }
        }
        throw new AssertionError("no " + kind.getSimpleName() + " " + name + " in payments.yaml");
    }

    @Test
    void theExampleOfATopicAsksForWhatItSays() throws IOException {
        var wanted = Wanted.of(example(Topic.class, "payments").getSpec());

        assertThat(wanted.differences(present(Map.of())))
                .containsExactly(
                        "durability.flush is disk",
                        "retention.policy is Bounded",
                        "retention.time is 30d",
                        "retention.size is 500Mi",
                        "deduplicationWindow is 1h");
    }

    @Test
    void theExampleOfAChannelAsksForWhatItSays() throws IOException {
        var wanted = Wanted.of(example(Channel.class, "payments-ledger").getSpec());

        assertThat(wanted.differences(present(Map.of())))
                .containsExactly(
                        "delivery is Exclusive",
                        "messageTimeout is 60s",
                        "maxAttempts is 5",
                        "deadLetterTopic is payments-dead",
                        "requeueBackoff.min is 1s",
                        "requeueBackoff.max is 1m",
                        "requeueBackoff.factor is 2.0");
    }

    @Test
    void anAnswerWithAnotherValueIsARefusal() throws IOException {
        var wanted = Wanted.of(example(Topic.class, "payments-dead").getSpec());

        assertThat(wanted.afterDeclaring(present(Map.of("flush", "os"))))
                .isEqualTo(new OnBroker.Refused("it has other values than durability.flush is disk (expected: at most"
                        + " what its flags allow; see the settings of the MessageCluster)"));
        assertThat(wanted.afterDeclaring(present(Map.of("flush", "disk")))).isEqualTo(present(Map.of("flush", "disk")));
    }
}
