package io.waystation.e2e;

import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;

/// Our custom resources, as an API client without our classes sees them.
enum Kind {
    CLUSTER("MessageCluster", "messageclusters"),
    TOPIC("Topic", "topics"),
    CHANNEL("Channel", "channels");

    private final String kind;
    private final String plural;

    Kind(String kind, String plural) {
        this.kind = kind;
        this.plural = plural;
    }

    ResourceDefinitionContext context() {
        return new ResourceDefinitionContext.Builder()
                .withGroup("waystation.io")
                .withVersion("v1beta1")
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(true)
                .build();
    }

    String plural() {
        return plural;
    }
}
