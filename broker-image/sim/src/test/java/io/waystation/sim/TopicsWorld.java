package io.waystation.sim;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.loop.SimLoop;
import io.waystation.broker.topic.LatencySettings;
import io.waystation.broker.topic.Quota;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicContext;
import io.waystation.broker.topic.TopicDirectories;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.Topics;
import io.waystation.broker.topic.Volume;
import io.waystation.log.FileStore;
import io.waystation.log.LogSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/// A broker's topics on a disk that fails, and the process that has them open. Confined to one thread, like the whole
/// simulation.
final class TopicsWorld {
    private static final Path DATA = Path.of("/data");
    static final Path DIRECTORY = TopicDirectories.directory(DATA, 0);

    final SimDisk disk;
    final FaultyFiles files;
    private final FileStore seen;
    private final LogSettings logSettings;
    private final TopicSettings defaults;

    SimLoop loop;
    Loop owner;
    Volume volume = new Volume();
    Topics topics;

    /// `build` stands between the broker and its files. Nothing is opened before [#open].
    TopicsWorld(
            SplittableRandom random, UnaryOperator<FileStore> build, LogSettings logSettings, TopicSettings defaults) {
        disk = new SimDisk(random.nextLong());
        files = new FaultyFiles(disk, random.split());
        seen = build.apply(files);
        this.logSettings = logSettings;
        this.defaults = defaults;
        loop = new SimLoop(random.nextLong(-1_000_000, 1_000_000), 1_700_000_000_000L);
        owner = new Loop(0, loop);
        topics = topics();
    }

    /// Another process begins to serve what is on the disk.
    void open() throws IOException {
        loop = loop.next();
        owner = new Loop(0, loop);
        volume = new Volume();
        topics = topics();
        topics.load();
    }

    private Topics topics() {
        var context = new TopicContext(
                seen,
                0,
                List.of(logSettings),
                volume,
                loop.sealing::add,
                loop.flushing::add,
                () -> defaults,
                new NobodyListens(),
                Long.MAX_VALUE,
                LatencySettings.OFF);
        return new Topics(
                context, List.of(owner), DATA, _ -> Set.of(), new Quota(() -> Quota.Limits.NONE), loop.waiting::add);
    }

    /// Whether anything asked of the topics may fail.
    boolean isFaulty() {
        return files.isFull() || files.isFailing() || volume.failure() != null;
    }

    /// The topic, made at once when there is none.
    Topic obtain(String name) {
        var promise = topics.obtain(name);
        loop.settle();
        return promise.join();
    }
}
