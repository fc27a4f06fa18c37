package io.waystation.operator.plan;

import io.waystation.operator.broker.BrokerSetting;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Which settings wait for a restart: a running broker does not take them over, or was told of a value that the
/// spec does not have any more, and has its default again only when it starts. While the spec is refused
/// nothing waits for anything but its correction.
final class PendingRestart {
    private PendingRestart() {}

    /// Over all brokers that stay, sorted.
    static List<String> keys(ClusterFacts facts) {
        var keys = new TreeSet<String>();
        if (facts.refusal() == null) {
            var wanted = BrokerSettings.inFile(facts.spec().brokers().sortedSettings());
            for (var broker : facts.brokers()) {
                if (broker.report() != null && broker.ordinal() < facts.wantedBrokers()) {
                    broker.report().settings().stream()
                            .filter(setting -> waits(setting, wanted))
                            .forEach(setting -> keys.add(setting.name()));
                }
            }
        }
        return List.copyOf(keys);
    }

    private static boolean waits(BrokerSetting setting, Map<String, String> wanted) {
        var value = wanted.get(setting.name());
        if (BrokerSettings.isDynamic(setting.name())) {
            return isRemoved(setting, wanted);
        }
        if (value == null) {
            return setting.origin().equals("file") && !setting.name().equals(BrokerSettings.LOOKUPS);
        }
        return !withoutSpaces(value).equalsIgnoreCase(withoutSpaces(setting.value()));
    }

    /// Brokers say `a,b` also where the file has `a, b`.
    private static String withoutSpaces(String list) {
        return list.replaceAll("\\s*,\\s*", ",").strip();
    }

    /// Whether a broker has other values than its file now has, because somebody else had changed the file when it
    /// started. A pod that is younger than the correction has read it since.
    static boolean readAnotherFile(ClusterFacts facts, BrokerFacts broker) {
        var createdAt = broker.pod().createdAt();
        if (broker.report() == null || createdAt == null || facts.refusal() != null) {
            return false;
        }
        var wanted = BrokerSettings.inFile(facts.spec().brokers().sortedSettings());
        return facts.corrections().stream()
                        .anyMatch(correction ->
                                correction.name().equals(facts.names().brokerConfig())
                                        && createdAt.isBefore(Instant.parse(correction.last())))
                && broker.report().settings().stream().anyMatch(setting -> waits(setting, wanted));
    }

    static boolean hasRemovedSetting(ClusterFacts facts, BrokerFacts broker) {
        return broker.report() != null
                && facts.refusal() == null
                && broker.report().settings().stream()
                        .anyMatch(setting ->
                                isRemoved(setting, facts.spec().brokers().sortedSettings()));
    }

    private static boolean isRemoved(BrokerSetting setting, Map<String, String> wanted) {
        return BrokerSettings.isDynamic(setting.name())
                && (setting.origin().equals("file") || setting.origin().equals("api"))
                && !wanted.containsKey(setting.name());
    }
}
