package io.waystation.e2e;

/// Resources as users write them.
final class Yaml {
    private Yaml() {}

    static String cluster(String name, int brokers, int lookups) {
        return cluster(name, brokers, lookups, "");
    }

    /// `settings` are lines of `spec.brokers.settings`, separated by commas: `msg-timeout: "30s"`.
    static String cluster(String name, int brokers, int lookups, String settings) {
        return """
                apiVersion: waystation.io/v1beta1
                kind: MessageCluster
                metadata: {name: %s}
                spec:
                  brokers:
                    replicas: %d
                    storage: {size: 64Mi}
                    resources: {requests: {cpu: 10m, memory: 64Mi}, limits: {memory: 512Mi}}
                    settings: {%s}
                  lookup:
                    replicas: %d
                    resources: {requests: {cpu: 10m, memory: 32Mi}, limits: {memory: 256Mi}}
                """.formatted(name, brokers, settings, lookups);
    }

    /// `spec` are further lines of the spec, separated by commas: `paused: true`.
    static String topic(String name, String cluster, String spec) {
        return """
                apiVersion: waystation.io/v1beta1
                kind: Topic
                metadata: {name: %s}
                spec: {clusterRef: {name: %s}, %s}
                """.formatted(name, cluster, spec);
    }

    static String channel(String name, String topic, String spec) {
        return """
                apiVersion: waystation.io/v1beta1
                kind: Channel
                metadata: {name: %s}
                spec: {topicRef: {name: %s}, %s}
                """.formatted(name, topic, spec);
    }
}
