package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Settings of running brokers change while messages flow.
@ExtendWith(OnKubernetes.class)
class SettingsIT {
    /// What a consumer may have in its hands when a broker ends: it comes again.
    private static final int IN_FLIGHT = 2 * 100;

    @Test
    void aSettingChangesLiveOrByRestartingOneBrokerAtATime(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("tuned", 2, 1, "max-msg-size: \"1000\""));
        namespace.awaitSettled("tuned", 2, 1);
        var lives = namespace.lives("broker");
        var load = Load.start(
                namespace,
                "flow",
                2,
                200,
                "tuned-broker-0.tuned-brokers:4150 tuned-broker-1.tuned-brokers:4150",
                "tuned-lookup-0.tuned-lookup:4161");
        publish(namespace, 500);

        namespace.apply(Yaml.cluster("tuned", 2, 1, "max-msg-size: \"100\", msg-timeout: \"45s\""));
        namespace.awaitSettled("tuned", 2, 1);
        for (int broker = 0; broker < 2; broker++) {
            assertThat(namespace.refusal("POST", "tuned-broker-" + broker, 4151, "/pub?topic=sizes", "x".repeat(500)))
                    .contains("MSG_TOO_BIG");
        }
        publish(namespace, 50);
        assertThat(namespace.lives("broker")).isEqualTo(lives);

        try (var readiness = new ReadinessWatch(namespace)) {
            namespace.apply(Yaml.cluster(
                    "tuned", 2, 1, "max-msg-size: \"100\", msg-timeout: \"45s\", max-bytes-per-file: \"1048576\""));
            namespace.kubernetes().operator().restart();
            Await.until(
                    "the status names the setting that waits for restarts",
                    TestNamespace.READY_LIMIT,
                    () -> pendingRestartKeys(namespace),
                    List.of("max-bytes-per-file")::equals);
            Await.until(
                    "both brokers are started anew",
                    TestNamespace.READY_LIMIT,
                    () -> namespace.lives("broker"),
                    now -> now.size() == 2 && now.values().stream().noneMatch(lives::containsValue));
            namespace.awaitSettled("tuned", 2, 1);
            assertThat(readiness.mostUnready()).isEqualTo(1);
        }
        assertThat(pendingRestartKeys(namespace)).isNull();
        assertThat(namespace.kubectl("logs", "tuned-broker-0")).contains("\"level\":\"INFO\",\"message\":\"ready\"");
        for (int broker = 0; broker < 2; broker++) {
            assertThat(namespace.http("GET", "tuned-broker-" + broker, 4151, "/waystation/v1/settings", null))
                    .contains("{\"name\":\"max-bytes-per-file\",\"value\":\"1048576\",\"origin\":\"file\"");
        }
        load.awaitPublishedAt("tuned-broker-0.tuned-brokers:4150");
        load.awaitPublishedAt("tuned-broker-1.tuned-brokers:4150");

        var tally = load.finish();
        assertThat(tally.distinct()).as("missing: %s", tally.missing()).isEqualTo(tally.acknowledged());
        assertThat(tally.duplicates()).isLessThanOrEqualTo(2 * IN_FLIGHT);
    }

    private static List<String> pendingRestartKeys(TestNamespace namespace) {
        return namespace.get(Kind.CLUSTER, "tuned").get("status", "pendingRestartKeys");
    }

    private static void publish(TestNamespace namespace, int size) {
        for (int broker = 0; broker < 2; broker++) {
            namespace.http("POST", "tuned-broker-" + broker, 4151, "/pub?topic=sizes", "x".repeat(size));
        }
    }
}
