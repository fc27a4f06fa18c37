package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.TopicSettings.Flush;
import io.waystation.broker.topic.TopicSettings.Retention;
import io.waystation.log.LogSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What becomes of a topic's files when it is deleted, and when it cannot be.
class DeletedTopicTest {
    private static final String NAME = "t";
    private static final int SEGMENT_BYTES = 500;

    private final TopicsWorld world = new TopicsWorld(
            new SplittableRandom(1),
            files -> files,
            LogSettings.defaults().withSegmentBytes(SEGMENT_BYTES),
            new TopicSettings(Flush.OS, Retention.CONSUMED, 3_600_000, 1 << 20, 1_000_000_000));
    private final List<String> answers = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        world.open();
    }

    private void publish(Topic topic, String text) {
        var body = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        topic.publish(body, 0, body.capacity(), new Answer(), 0);
        world.loop.runTasks();
    }

    private final class Answer implements PublishWaiter {
        @Override
        public void onPublished(int ticket) {
            answers.add("OK");
        }

        @Override
        public void onPublishFailed(int ticket, String cause) {
            answers.add(cause);
        }
    }

    private static List<String> messages(Topic topic) throws IOException {
        var texts = new ArrayList<String>();
        try (var reader = topic.reader()) {
            while (reader.next()) {
                var text = new byte[reader.length()];
                reader.buffer().get(reader.position(), text);
                texts.add(new String(text, StandardCharsets.UTF_8));
            }
        }
        return texts;
    }

    private Topic found() {
        return Objects.requireNonNull(world.topics.find(NAME));
    }

    /// The disk has no room for the first segment's index, which is tried again a second later.
    @Test
    void aSealThatIsTriedAgainLeavesTheNextTopicOfThatNameAlone() throws IOException {
        var first = world.obtain(NAME);
        publish(first, "a".repeat(SEGMENT_BYTES));
        publish(first, "b".repeat(SEGMENT_BYTES));
        world.files.full(true);
        world.loop.settle();
        world.files.full(false);
        world.volume.full(null);

        var deletion = world.topics.deletion(NAME, _ -> true);
        world.loop.settle();
        publish(world.obtain(NAME), "second");
        world.loop.pass(2_000);
        world.loop.settle();
        world.files.kill();
        world.open();

        assertThat(deletion).isCompletedWithValue(true);
        assertThat(world.topics.damaged()).isEmpty();
        assertThat(messages(found())).containsExactly("second");
    }

    @Test
    void aTopicThatCannotBeRemovedIsServedAgainUntilItCan() throws IOException {
        publish(world.obtain(NAME), "kept");
        world.files.failRemovals();
        var failed = world.topics.deletion(NAME, _ -> true);
        world.loop.settle();
        publish(found(), "more");
        var kept = messages(found());
        world.files.kill();

        var deletion = world.topics.deletion(NAME, _ -> true);
        world.loop.settle();

        assertThat(failed).isCompletedExceptionally();
        assertThat(answers).containsExactly("OK", "OK");
        assertThat(kept).containsExactly("kept", "more");
        assertThat(deletion).isCompletedWithValue(true);
        assertThat(world.files.list(TopicsWorld.DIRECTORY)).isEmpty();
    }

    @Test
    void leftoversThatCannotBeRemovedHinderNeitherTheStartNorTheNextDeletion() throws IOException {
        publish(world.obtain(NAME), "m");
        var leftover = TopicsWorld.DIRECTORY.resolve("~removed-1-" + NAME);
        world.files.createDirectories(leftover);
        world.files.open(leftover.resolve("meta")).close();
        world.files.failRemovals();

        world.open();
        world.files.kill();
        var deletion = world.topics.deletion(NAME, _ -> true);
        world.loop.settle();

        assertThat(deletion).isCompletedWithValue(true);
        assertThat(world.files.list(TopicsWorld.DIRECTORY)).containsExactly("~removed-1-" + NAME);
        world.open();
        assertThat(world.files.list(TopicsWorld.DIRECTORY)).isEmpty();
    }

    @Test
    void aDeletionOnAVolumeThatFailedIsRefused() {
        world.obtain(NAME);
        world.volume.fail(new IOException("Input/output error"));

        var deletion = world.topics.deletion(NAME, _ -> true);

        assertThatThrownBy(deletion::join).hasRootCauseMessage("Input/output error");
        assertThat(world.topics.find(NAME)).isNotNull();
    }

    @Test
    void aSecondDeletionIsAnsweredOnceTheFirstIsDone() {
        world.obtain(NAME);
        var first = world.topics.deletion(NAME, _ -> true);

        var second = world.topics.deletion(NAME, _ -> true);
        boolean early = second.isDone();
        world.loop.settle();

        assertThat(early).isFalse();
        assertThat(first).isCompletedWithValue(true);
        assertThat(second).isCompletedWithValue(false);
    }

    @Test
    void aTopicThatGotAMessageBeforeItsTurnIsNotDeletedForBeingEmpty() throws IOException {
        var topic = world.obtain(NAME);
        var body = ByteBuffer.wrap("late".getBytes(StandardCharsets.UTF_8));
        topic.publish(body, 0, body.capacity(), new Answer(), 0);

        var deletion = world.topics.deletion(
                NAME, wanted -> wanted.uncommitted() + wanted.stats(false).unfinished() == 0);
        world.loop.settle();

        assertThat(deletion).isCompletedWithValue(false);
        assertThat(messages(found())).containsExactly("late");
    }
}
