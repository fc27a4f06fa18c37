package io.waystation.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.waystation.operator.api.ChannelSpec;
import io.waystation.operator.api.Delivery;
import io.waystation.operator.api.Durability;
import io.waystation.operator.api.LocalReference;
import io.waystation.operator.api.RequeueBackoff;
import io.waystation.operator.api.Retention;
import io.waystation.operator.api.RetentionPolicy;
import io.waystation.operator.api.TopicSpec;
import io.waystation.operator.broker.DeclaredSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// That whatever the brokers' page lets one set can be said in a resource.
class BrokerApiPageTest {
    private static final Path PAGE = Path.of("../broker-image/broker/docs/operator-api.md");

    @Test
    void everySettingOfATopicHasAField() throws IOException {
        var spec = new TopicSpec(
                new LocalReference("orders"),
                null,
                null,
                new Durability(Durability.Flush.Disk),
                new Retention(RetentionPolicy.Bounded, "7d", "10Gi"),
                "1Mi",
                "10m",
                "30d",
                null);

        assertThat(keys(SpecSettings.of(spec))).isEqualTo(documented("\\{\"flush\":.*?\\n.*?\\}"));
    }

    @Test
    void everySettingOfAChannelHasAField() throws IOException {
        var spec = new ChannelSpec(
                new LocalReference("orders"),
                null,
                null,
                null,
                Delivery.Exclusive,
                "60s",
                5,
                "dead",
                "30d",
                new RequeueBackoff("1s", "5m", 2.0),
                null);

        assertThat(keys(SpecSettings.of(spec))).isEqualTo(documented("\\{\"delivery\":\"Shared\".*?\\}\\}"));
    }

    @Test
    void whatARunningBrokerTakesOverRestartsNothing() throws IOException {
        var list = Pattern.compile("^Dynamic: (.*)\\.$", Pattern.MULTILINE).matcher(Files.readString(PAGE));

        assertThat(list.find()).isTrue();
        var documented = new TreeSet<String>();
        var names = Pattern.compile("`([a-z0-9-]+)`").matcher(list.group(1));
        while (names.find()) {
            documented.add(names.group(1));
        }
        // The operator's own.
        documented.removeAll(Set.of(BrokerSettings.CLUSTER_ID, BrokerSettings.LOOKUPS));
        assertThat(documented).isNotEmpty().isEqualTo(BrokerSettings.dynamic());
    }

    private static Set<String> keys(List<DeclaredSetting> settings) {
        return settings.stream().map(DeclaredSetting::key).collect(Collectors.toCollection(TreeSet::new));
    }

    /// The keys of the page's example that this finds, which may name alternatives: `"os"|"disk"`.
    private static Set<String> documented(String example) throws IOException {
        var found = Pattern.compile(example, Pattern.DOTALL).matcher(Files.readString(PAGE));
        assertThat(found.find()).isTrue();
        var keys = new TreeSet<String>();
        collect("", new ObjectMapper().readTree(found.group().replaceAll("\\|\"[^\"]*\"", "")), keys);
        return keys;
    }

    private static void collect(String prefix, JsonNode node, Set<String> keys) {
        for (var property : node.properties()) {
            var key = prefix + property.getKey();
            if (property.getValue().isObject()) {
                collect(key + ".", property.getValue(), keys);
            } else {
                keys.add(key);
            }
        }
    }
}
