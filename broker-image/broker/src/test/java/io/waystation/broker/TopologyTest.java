package io.waystation.broker;

import static io.waystation.broker.TestClient.mpub;
import static io.waystation.broker.TestClient.pub;
import static io.waystation.broker.TestClient.sized;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// nsq.md section 7.13.
class TopologyTest {
    private static final String[] WEST_1 = {"--topology-region=west", "--topology-zone=west-1"};

    @TempDir
    Path data;

    private static TestClient consumer(TestBroker broker, String region, String zone) throws IOException {
        var client = TestClient.open(broker.port());
        client.send("IDENTIFY\n"
                + sized("{\"topology_region\":\"" + region + "\",\"topology_zone\":\"" + zone + "\"}")
                + "SUB t c\nRDY 2\n" + pub("other", "x"));
        client.expect("OK");
        client.expect("OK");
        client.expect("OK");
        return client;
    }

    @Test
    void theNearestConsumerWithRoomIsServedFirst() throws Exception {
        try (var broker = new TestBroker(data, WEST_1[0], WEST_1[1], "--enable-experiment=topology-aware-consumption");
                var elsewhere = consumer(broker, "east", "east-1");
                var sameRegion = consumer(broker, "west", "west-2");
                var sameZone = consumer(broker, "west", "west-1");
                var producer = TestClient.open(broker.port())) {
            producer.send(mpub("t", "1", "2", "3", "4", "5"));
            producer.expect("OK");

            assertThat(sameZone.message().body()).isEqualTo("1");
            assertThat(sameZone.message().body()).isEqualTo("2");
            assertThat(sameRegion.message().body()).isEqualTo("3");
            assertThat(sameRegion.message().body()).isEqualTo("4");
            assertThat(elsewhere.message().body()).isEqualTo("5");
            assertThat(broker.get("/stats?format=json").body())
                    .contains("\"message_count\":5,\"zone_local_msg_count\":2,\"region_local_msg_count\":2,"
                            + "\"global_msg_count\":1,\"requeue_count\"")
                    .contains("\"message_count\":2,\"zone_local_msg_count\":2,\"finish_count\"")
                    .contains("\"topology_zone\":\"west-2\",\"topology_region\":\"west\"");
        }
    }

    @Test
    void withoutTheExperimentEverybodyHasATurnAndNothingIsCounted() throws Exception {
        try (var broker = new TestBroker(data, WEST_1[0], WEST_1[1], "--enable-experiment=another");
                var elsewhere = consumer(broker, "east", "east-1");
                var sameZone = consumer(broker, "west", "west-1");
                var producer = TestClient.open(broker.port())) {
            producer.send(mpub("t", "1", "2"));
            producer.expect("OK");

            assertThat(elsewhere.message().body()).isEqualTo("1");
            assertThat(sameZone.message().body()).isEqualTo("2");
            assertThat(broker.get("/stats?format=json").body()).doesNotContain("_msg_count");
        }
    }

    @Test
    void theBrokerSaysWhereItStands() throws Exception {
        try (var broker = new TestBroker(data, WEST_1);
                var client = TestClient.open(broker.port())) {
            client.send("IDENTIFY\n" + sized("{\"feature_negotiation\":true}"));

            assertThat(client.response()).contains("\"topology_region\":\"west\",\"topology_zone\":\"west-1\"");
            assertThat(broker.get("/info").body())
                    .contains("\"topology_zone\":\"west-1\",\"topology_region\":\"west\"");
        }
    }

    @Test
    void lookupsAreToldWhereTheBrokerStands() throws Exception {
        try (var lookup = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var _ = new TestBroker(
                        data, WEST_1[0], WEST_1[1], "--lookupd-tcp-address=127.0.0.1:" + lookup.getLocalPort());
                var connection = lookup.accept()) {
            var input = new DataInputStream(connection.getInputStream());
            var opening = input.readNBytes("  V1IDENTIFY\n".length());

            var description = new String(input.readNBytes(input.readInt()), StandardCharsets.UTF_8);

            assertThat(new String(opening, StandardCharsets.US_ASCII)).isEqualTo("  V1IDENTIFY\n");
            assertThat(description).contains("\"topology_region\":\"west\",\"topology_zone\":\"west-1\",\"version\"");
        }
    }

    @Test
    void unknownPlacesAreNearToNothing() throws Exception {
        try (var broker = new TestBroker(data, "--enable-experiment=topology-aware-consumption");
                var nowhere = consumer(broker, "", "");
                var producer = TestClient.open(broker.port())) {
            producer.send(mpub("t", "1"));
            producer.expect("OK");

            nowhere.message();

            assertThat(broker.get("/stats?format=json&topic=t").body())
                    .contains("\"message_count\":1,\"global_msg_count\":1,\"requeue_count\"");
        }
    }
}
