package io.waystation.operator.plan;

import io.waystation.operator.api.MessageCluster;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// The names and labels of what belongs to one cluster.
public record ClusterNames(String namespace, String cluster) {
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String INSTANCE = "app.kubernetes.io/instance";
    public static final String COMPONENT = "app.kubernetes.io/component";
    public static final String NAME = "app.kubernetes.io/name";
    public static final String OPERATOR = "waystation-operator";

    /// Whether the publishing Service offers the broker to producers.
    public static final String ACCEPTS_PUBLISHES = "waystation.io/accepts-publishes";

    public static final String SETTINGS_HASH = "waystation.io/settings-hash";
    public static final String BROKER = "broker";
    public static final String LOOKUP = "lookup";

    public static ClusterNames of(MessageCluster cluster) {
        return new ClusterNames(
                cluster.getMetadata().getNamespace(), cluster.getMetadata().getName());
    }

    public String brokerSet() {
        return cluster + "-broker";
    }

    /// How a status calls the brokers' configuration file.
    String brokerConfig() {
        return "ConfigMap/" + brokerSet();
    }

    public String brokerService() {
        return cluster + "-brokers";
    }

    public String brokerPod(int ordinal) {
        return brokerSet() + "-" + ordinal;
    }

    public String brokerClaim(int ordinal) {
        return BrokerObjects.CLAIM + "-" + brokerPod(ordinal);
    }

    public boolean isBrokerClaim(String claim) {
        return claim.matches(Pattern.quote(BrokerObjects.CLAIM + "-" + brokerSet() + "-") + "[0-9]{1,4}");
    }

    /// What a broker announces to lookups.
    public String brokerHost(int ordinal) {
        return brokerPod(ordinal) + "." + brokerService() + "." + namespace + ".svc";
    }

    public String publishService() {
        return cluster;
    }

    public String lookupSet() {
        return cluster + "-lookup";
    }

    public String lookupService() {
        return cluster + "-lookup";
    }

    public String lookupPod(int ordinal) {
        return lookupSet() + "-" + ordinal;
    }

    /// Where brokers register at a lookup.
    public String lookupAddress(int ordinal) {
        return lookupPod(ordinal) + "." + lookupService() + "." + namespace + ".svc:" + LookupObjects.TCP_PORT;
    }

    public List<String> lookupAddresses(int count) {
        return IntStream.range(0, count).mapToObj(this::lookupAddress).toList();
    }

    /// What a selector may rely on: these labels never change.
    public Map<String, String> selector(String component) {
        var labels = new LinkedHashMap<String, String>();
        labels.put(COMPONENT, component);
        labels.put(INSTANCE, cluster);
        labels.put(NAME, "waystation");
        return labels;
    }

    public Map<String, String> labels(String component) {
        var labels = selector(component);
        labels.put(MANAGED_BY, OPERATOR);
        return labels;
    }

    /// The ordinal at the end of the name of a pod of a StatefulSet.
    public static int ordinal(String podName) {
        return Integer.parseInt(podName.substring(podName.lastIndexOf('-') + 1));
    }
}
