package io.waystation.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Lookups come and go; no broker restarts for it.
@ExtendWith(OnKubernetes.class)
class LookupIT {
    @Test
    void changingTheNumberOfLookupsRestartsNoBroker(TestNamespace namespace) throws IOException {
        namespace.apply(Yaml.cluster("found", 2, 1));
        namespace.awaitSettled("found", 2, 1);
        var lives = namespace.lives("broker");
        var load = Load.start(
                namespace,
                "flow",
                2,
                200,
                "found-broker-0.found-brokers:4150 found-broker-1.found-brokers:4150",
                "found-lookup-0.found-lookup:4161 found-lookup-2.found-lookup:4161");

        namespace.apply(Yaml.cluster("found", 2, 3));
        namespace.kubernetes().operator().restart();
        namespace.awaitSettled("found", 2, 3);
        for (int lookup = 0; lookup < 3; lookup++) {
            assertThat(namespace.http("GET", "found-lookup-" + lookup, 4161, "/lookup?topic=flow", null))
                    .contains("found-broker-0.found-brokers." + namespace.name() + ".svc")
                    .contains("found-broker-1.found-brokers." + namespace.name() + ".svc");
        }
        assertThat(lookupsOf(namespace, "found-broker-1")).contains("found-lookup-2.found-lookup.");
        load.awaitFlow();

        namespace.apply(Yaml.cluster("found", 2, 1));
        namespace.kubernetes().operator().restart();
        namespace.awaitSettled("found", 2, 1);
        assertThat(lookupsOf(namespace, "found-broker-1"))
                .contains("found-lookup-0.found-lookup.")
                .doesNotContain("found-lookup-1.", "found-lookup-2.");
        load.awaitFlow();

        var tally = load.finish();
        assertThat(tally.distinct()).as("missing: %s", tally.missing()).isEqualTo(tally.acknowledged());
        assertThat(tally.duplicates()).isZero();
        assertThat(namespace.lives("broker")).isEqualTo(lives);
    }

    private static String lookupsOf(TestNamespace namespace, String broker) {
        return namespace.http("GET", broker, 4151, "/config/nsqlookupd_tcp_addresses", null);
    }
}
