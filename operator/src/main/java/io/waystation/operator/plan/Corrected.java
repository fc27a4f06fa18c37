package io.waystation.operator.plan;

import org.jspecify.annotations.Nullable;

/// What a pass changed back: an object, or a field on brokers; `by` is the field manager that had changed it, where one
/// is known.
public record Corrected(String name, @Nullable String by) {}
