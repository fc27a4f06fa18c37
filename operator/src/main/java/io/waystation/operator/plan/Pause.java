package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.HasMetadata;

/// A resource that its user has told the operator to leave alone, its deletion included.
public final class Pause {
    static final String ANNOTATION = "waystation.io/paused";
    public static final String MESSAGE = "nothing is changed while the annotation " + ANNOTATION + " is true";

    private Pause() {}

    public static boolean isSet(HasMetadata resource) {
        var annotations = resource.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(ANNOTATION));
    }
}
