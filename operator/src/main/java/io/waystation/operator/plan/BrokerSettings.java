package io.waystation.operator.plan;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The brokers' options: which of them a running broker takes over, and their form in the configuration file.
final class BrokerSettings {
    static final String LOOKUPS = "lookupd-tcp-address";
    static final String CLUSTER_ID = "cluster-id";
    static final String LOG_FORMAT = "log-format";
    static final String JSON = "json";

    /// Options that change in a running broker, as its API's page lists them. A broker that thinks otherwise says so.
    private static final Set<String> DYNAMIC = Set.of(
            "log-level",
            "max-msg-size",
            "max-body-size",
            "msg-timeout",
            "max-msg-timeout",
            "max-req-timeout",
            "max-rdy-count",
            "max-heartbeat-interval",
            "max-channel-consumers",
            "max-topics",
            "max-topic-channels",
            "max-channels",
            "flush",
            "retention",
            "retention-time",
            "retention-size",
            "deduplication-window",
            "max-defer-timeout");

    /// What a cluster's brokers have unless the spec says otherwise: logs that collectors can index.
    private static final Map<String, String> DEFAULTS = Map.of(LOG_FORMAT, JSON);

    /// Keys of the file that are not the flag's name with underscores.
    private static final Map<String, String> FILE_KEYS = Map.of(
            LOOKUPS,
            "nsqlookupd_tcp_addresses",
            "auth-http-address",
            "auth_http_addresses",
            "e2e-processing-latency-percentile",
            "e2e_processing_latency_percentiles");

    private BrokerSettings() {}

    static Set<String> dynamic() {
        return DYNAMIC;
    }

    static boolean isDynamic(String name) {
        return DYNAMIC.contains(name);
    }

    /// The settings of a spec with those that it leaves to the operator, by name.
    static Map<String, String> inFile(Map<String, String> settings) {
        var all = new TreeMap<>(DEFAULTS);
        all.putAll(settings);
        return all;
    }

    /// The configuration file.
    static String file(List<String> lookupAddresses, Map<String, String> settings) {
        var file = new StringBuilder(FILE_KEYS.get(LOOKUPS))
                .append(" = [")
                .append(String.join(
                        ", ",
                        lookupAddresses.stream()
                                .map(address -> '"' + address + '"')
                                .toList()))
                .append("]\n");
        inFile(settings)
                .forEach((name, value) -> file.append(FILE_KEYS.getOrDefault(name, name.replace('-', '_')))
                        .append(" = \"")
                        .append(value)
                        .append("\"\n"));
        return file.toString();
    }

    /// Changes when, and only when, an option changes that a running broker cannot take over.
    static String restartHash(Map<String, String> settings) {
        var text = new StringBuilder();
        inFile(settings).forEach((name, value) -> {
            if (!isDynamic(name)) {
                text.append(name).append('=').append(value).append('\n');
            }
        });
        try {
            var digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every Java has SHA-256", absent);
        }
    }
}
