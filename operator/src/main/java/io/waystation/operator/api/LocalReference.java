package io.waystation.operator.api;

import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/// A resource in the same namespace.
public record LocalReference(
        @Required @Size(min = 1, max = 253) String name) {}
