package io.waystation.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/// Something that somebody else changed, and that was changed back.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Correction(
        @JsonPropertyDescription("The object, for example Service/orders, or the field.")
        String name,

        @JsonPropertyDescription("How often it was changed back.")
        int times,

        @JsonPropertyDescription("When it was changed back first.")
        String since,

        @JsonPropertyDescription("When it was changed back last.")
        String last,

        @JsonPropertyDescription("The field manager that changed it last, as far as is known.") @Nullable String by) {}
