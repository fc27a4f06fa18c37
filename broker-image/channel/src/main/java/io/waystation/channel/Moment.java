package io.waystation.channel;

/// The same moment on two clocks.
///
/// @param nowMs of the loop's monotonic clock, which knows nothing of other processes
/// @param wallMs since 1970, by a clock that may be set
public record Moment(long nowMs, long wallMs) {}
