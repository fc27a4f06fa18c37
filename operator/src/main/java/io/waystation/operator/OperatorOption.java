package io.waystation.operator;

import java.util.Locale;

/// The operator's options: flag `--name value`, or environment variable `WAYSTATION_NAME`; the flag wins.
enum OperatorOption {
    NAMESPACES("", "Namespaces to watch, separated by commas. Empty: all."),
    BROKER_IMAGE(
            "waystation/waystation:" + OperatorVersion.TEXT,
            "Image of brokers and lookups where a MessageCluster names none."),
    NOTICE("30s", "How long a drain or restart may wait before a condition says what it waits for."),
    DRIFT_INTERVAL("2m", "How often Topics and Channels are compared with the brokers, about."),
    HEALTH_PORT("8081", "Port of /readyz and /healthz; 0: any."),
    LEADER_ELECTION("true", "Whether replicas agree through a Lease which of them works."),
    LEASE_NAMESPACE("", "Namespace of that Lease. Empty: the operator's own.");

    private final String absent;
    private final String doc;

    OperatorOption(String absent, String doc) {
        this.absent = absent;
        this.doc = doc;
    }

    String flag() {
        return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String variable() {
        return "WAYSTATION_" + name();
    }

    String absent() {
        return absent;
    }

    String doc() {
        return doc;
    }
}
