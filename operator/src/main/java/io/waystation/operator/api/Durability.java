package io.waystation.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/// What an answered publish survives.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Durability(
        @JsonPropertyDescription("When a publish is answered. os: once the operating system has it, which survives the"
                + " end of the broker. disk: once it is flushed, which survives a power loss.")
        @Nullable Flush flush) {
    /// When a publish is answered.
    public enum Flush {
        /// Once the operating system has it.
        @JsonProperty("os")
        Os,
        /// Once it is on disk.
        @JsonProperty("disk")
        Disk
    }
}
