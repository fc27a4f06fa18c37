package io.waystation.sim;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.loop.SimLoop;
import io.waystation.broker.topic.LatencySettings;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicContext;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.Topics;
import io.waystation.broker.topic.Volume;
import io.waystation.log.FileStore;
import io.waystation.log.LogSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// One process of the broker on a simulated machine: its loop, its volume, and what its topics share. Another process
/// of the machine has another loop ([SimLoop#next]).
record SimBroker(SimLoop thread, Loop loop, Volume volume, TopicContext context) {
    private static final Path DIRECTORY = Path.of("/topic");

    static SimBroker begin(FileStore files, SimLoop thread, LogSettings logs, TopicSettings defaults) {
        var volume = new Volume();
        var context = new TopicContext(
                files,
                0,
                List.of(logs),
                volume,
                thread.sealing::add,
                thread.flushing::add,
                () -> defaults,
                new NobodyListens(),
                Long.MAX_VALUE,
                LatencySettings.OFF);
        return new SimBroker(thread, new Loop(0, thread), volume, context);
    }

    Topics topics(Path data) {
        return new Topics(context, List.of(loop), data, _ -> Set.of());
    }

    /// The only topic of the disk, which serves nobody yet.
    Topic open() throws IOException {
        return Topic.open(context, topics(DIRECTORY), "t", DIRECTORY, loop);
    }

    /// The only topic of the disk.
    Topic serve() throws IOException {
        var topic = open();
        topic.start();
        return topic;
    }
}
