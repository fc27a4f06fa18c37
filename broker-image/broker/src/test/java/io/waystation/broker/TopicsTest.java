package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.broker.net.Loops;
import io.waystation.broker.topic.LatencySettings;
import io.waystation.broker.topic.Quota;
import io.waystation.broker.topic.TopicContext;
import io.waystation.broker.topic.TopicListener;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.Topics;
import io.waystation.broker.topic.Volume;
import io.waystation.log.DiskFiles;
import io.waystation.log.LogSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicsTest {
    private static final TopicSettings DEFAULTS = new TopicSettings(
            TopicSettings.Flush.OS, TopicSettings.Retention.CONSUMED, 3_600_000, 1 << 20, 1_000_000_000);

    @TempDir
    Path data;

    private final CountedFiles files = new CountedFiles(new DiskFiles());
    private final Volume volume = new Volume();
    private final Loops loops = new Loops(1);

    @AfterEach
    void close() {
        loops.close();
    }

    private static final class Nobody implements TopicListener {
        @Override
        public void onTopicCreated(String topic) {}

        @Override
        public void onTopicDeleted(String topic) {}

        @Override
        public void onChannelCreated(String topic, String channel) {}

        @Override
        public void onChannelDeleted(String topic, String channel) {}
    }

    private Topics topics(Set<String> knownChannels, int maxChannels) {
        var context = new TopicContext(
                files,
                1,
                List.of(LogSettings.defaults()),
                volume,
                Runnable::run,
                Runnable::run,
                () -> DEFAULTS,
                new Nobody(),
                10_000,
                LatencySettings.OFF);
        var limits = new Quota.Limits(1, Integer.MAX_VALUE, maxChannels);
        return new Topics(context, loops.all(), data, _ -> knownChannels, new Quota(() -> limits));
    }

    @Test
    void aTopicThatCannotGetItsChannelsIsClosed() {
        var topics = topics(Set.of("a", "b"), 1);

        assertThatThrownBy(() -> topics.obtain("t").join())
                .hasRootCauseMessage("too many channels: 2 (expected: at most 1, max-channels)");

        assertThat(files.openedCount()).isPositive();
        assertThat(files.openCount()).isZero();
        assertThat(topics.all()).isEmpty();
    }
}
