package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pages about more topics and channels than are asked for at a time, and longer than one piece of an answer.
class ManyTopicsTest {
    private static final int TOPICS = 40;
    private static final int CHANNELS = 600;

    @TempDir
    Path data;

    private static List<String> values(String json, String key) throws IOException {
        List<String> values = new ArrayList<>();
        try (var parser = new JsonFactory().createParser(json)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.FIELD_NAME
                        && parser.currentName().equals(key)) {
                    values.add(parser.nextTextValue());
                }
            }
        }
        return values;
    }

    private static void make(TestBroker broker) throws IOException {
        for (int i = 0; i < TOPICS; i++) {
            broker.post("/pub?topic=topic" + i, "x");
        }
        for (int i = 0; i < CHANNELS; i++) {
            broker.post("/channel/create?topic=topic7&channel=channel" + i, "");
        }
        broker.post("/channel/create?topic=topic9&channel=channel1", "");
    }

    @Test
    void allAreShownInTheOrderOfTheirNames() throws Exception {
        try (var broker = new TestBroker(data)) {
            make(broker);

            var stats = broker.get("/stats?format=json").body();

            assertThat(values(stats, "topic_name")).hasSize(TOPICS).isSorted().doesNotHaveDuplicates();
            assertThat(values(stats, "channel_name")).hasSize(CHANNELS + 1);
            assertThat(values(stats, "channel_name").subList(0, CHANNELS))
                    .isSorted()
                    .doesNotHaveDuplicates();
            assertThat(stats.length()).isGreaterThan(200_000);
            assertThat(broker.get("/stats").body().lines().filter(line -> line.contains("[channel")))
                    .hasSize(CHANNELS + 1);
            assertThat(values(broker.get("/waystation/v1/topics").body(), "name"))
                    .hasSize(TOPICS + CHANNELS + 1);
            assertThat(broker.get("/metrics").body())
                    .contains("\nwaystation_topics 40\n", "\nwaystation_channels 601\n")
                    .contains("\nwaystation_channel_depth{topic=\"topic9\",channel=\"channel1\"} ")
                    .contains("\njvm_classes_currently_loaded ");
        }
    }

    @Test
    void aQueryNarrowsThem() throws Exception {
        try (var broker = new TestBroker(data)) {
            make(broker);

            var channel = broker.get("/stats?format=json&channel=channel1").body();
            var topic = broker.get("/stats?format=json&topic=topic9").body();
            var both = broker.get("/stats?format=json&topic=topic7&channel=channel599")
                    .body();

            assertThat(values(channel, "topic_name")).containsExactly("topic7", "topic9");
            assertThat(values(channel, "channel_name")).containsExactly("channel1", "channel1");
            assertThat(values(topic, "topic_name")).containsExactly("topic9");
            assertThat(values(both, "channel_name")).containsExactly("channel599");
            assertThat(broker.get("/stats?format=json&topic=none").body()).contains("\"topics\":null");
        }
    }
}
