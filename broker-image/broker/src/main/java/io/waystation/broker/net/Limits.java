package io.waystation.broker.net;

import io.waystation.wire.CommandLimits;

/// What connections may ask for: the flags that bear these names, durations in ms, sizes in bytes.
public record Limits(
        CommandLimits commands,
        long messageTimeoutMs,
        long maxMessageTimeoutMs,
        long maxRequeueMs,
        long maxHeartbeatIntervalMs,
        int maxOutputBufferSize,
        long outputBufferTimeoutMs,
        long minOutputBufferTimeoutMs,
        long maxOutputBufferTimeoutMs,
        int maxDeflateLevel,
        int maxChannelConsumers) {}
