package io.waystation.broker.topic;

import io.waystation.broker.loop.Loop;
import io.waystation.log.FileStore;
import io.waystation.log.LogSettings;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/// What all topics of a broker share.
///
/// @param shard of which this broker is the only replica; part of message ids
/// @param settingsByLoop one for each loop, since the buffers in them belong to one
/// @param blocking runs what may wait for the disk, in order, off the loops
/// @param flushing likewise, for what producers wait for: nothing else stands in its way there
/// @param defaults of topics that declare nothing else
/// @param ephemeralDepth messages that wait in an ephemeral channel; those beyond it are dropped
/// @param latency which end-to-end latencies are shown, if any
public record TopicContext(
        FileStore files,
        int shard,
        List<LogSettings> settingsByLoop,
        Volume volume,
        Executor blocking,
        Executor flushing,
        Supplier<TopicSettings> defaults,
        TopicListener listener,
        long ephemeralDepth,
        LatencySettings latency) {

    public TopicContext {
        settingsByLoop = settingsByLoop.stream()
                .map(settings -> settings.withFailures(volume::fail))
                .toList();
    }

    LogSettings logSettings(Loop loop) {
        return settingsByLoop.get(loop.index());
    }
}
