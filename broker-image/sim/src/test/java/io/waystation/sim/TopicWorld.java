package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.loop.SimLoop;
import io.waystation.broker.topic.Channel;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.TopicSettings.Flush;
import io.waystation.broker.topic.TopicSettings.Retention;
import io.waystation.broker.topic.Volume;
import io.waystation.log.FileStore;
import io.waystation.log.LogSettings;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// One topic on a disk that fails, the process that has it open, and what the outside world knows of
/// it. Confined to one thread, like the whole simulation.
final class TopicWorld {
    final SplittableRandom random;
    final SimDisk disk;
    final FaultyFiles files;
    final TopicLedger ledger = new TopicLedger();
    final TopicContents contents = new TopicContents(ledger);
    final Map<String, SimChannel> channels = new TreeMap<>();
    /// Retention may delete what was not consumed.
    boolean bounded;

    private final FileStore seen;
    private final LogSettings logSettings;
    private final TopicSettings defaults;

    SimLoop loop;
    Loop owner;
    Volume volume = new Volume();
    Topic topic;

    /// `build` stands between the broker and its files.
    TopicWorld(long seed, UnaryOperator<FileStore> build) throws IOException {
        random = new SplittableRandom(seed);
        disk = new SimDisk(random.nextLong());
        files = new FaultyFiles(disk, random.split());
        seen = build.apply(files);
        bounded = random.nextInt(5) == 0;
        logSettings = LogSettings.defaults()
                .withTailBytes(4096)
                .withSegmentBytes(500 + random.nextInt(5_000))
                .withSegmentMs(random.nextInt(2_000, 100_000));
        defaults = new TopicSettings(
                random.nextBoolean() ? Flush.DISK : Flush.OS,
                bounded ? bounds() : Retention.CONSUMED,
                3_600_000,
                1 << 20,
                1_000_000_000);
        loop = new SimLoop(random.nextLong(-1_000_000, 1_000_000), 1_700_000_000_000L);
        owner = new Loop(0, loop);
        topic = opened();
        topic.start();
    }

    Retention bounds() {
        return new Retention(Retention.Policy.BOUNDED, random.nextInt(2_000, 50_000), random.nextInt(5_000, 50_000));
    }

    /// What another process makes of the files.
    void open() throws IOException {
        topic = opened();
    }

    private Topic opened() throws IOException {
        loop = loop.next();
        var broker = SimBroker.begin(seen, loop, logSettings, defaults);
        owner = broker.loop();
        volume = broker.volume();
        return broker.open();
    }

    boolean isDisk() {
        return topic.settings().flush() == Flush.DISK;
    }

    /// Whether anything asked of the topic may fail.
    boolean isFaulty() {
        return files.isFull() || files.isFailing() || volume.failure() != null;
    }

    /// New messages stay in the topic.
    boolean holds() {
        return topic.isPaused() || channels.isEmpty();
    }

    /// Nothing is asked of the topic that is not done, as far as the loop goes.
    void finishPass() throws IOException {
        loop.runTasks();
        contents.scan(topic);
    }

    Channel channel(SimChannel known) {
        var channel = topic.channel(known.name);
        assertThat(channel).as("channel %s", known.name).isNotNull();
        return Objects.requireNonNull(channel);
    }
}
