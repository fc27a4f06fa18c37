package io.waystation.bench;

import io.waystation.wire.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/// The whole way of a message through a broker except for sockets and disk, an MPUB of 200 messages at a time: decoded,
/// stored, answered; then read, framed, its FIN decoded and noted.
public class TopicBenchmark extends MessageBenchmark {
    private final ByteBuffer input = Load.multiPublish();
    private @Nullable ServedTopic stored;
    private @Nullable ServedTopic consumed;
    private long publishedCount;

    @Setup(Level.Iteration)
    public void open() throws IOException, ProtocolException {
        stored = new ServedTopic();
        var subscribed = new ServedTopic();
        subscribed.subscribe();
        consumed = subscribed;
        publishedCount = 0;
    }

    /// Nobody consumes yet.
    @Benchmark
    public void publish() throws ProtocolException {
        publishedCount++;
        Objects.requireNonNull(stored).publish(input.rewind());
    }

    /// Each message is pushed in the pass in which it came, and finished in the next.
    @Benchmark
    public void publishAndDeliver() throws ProtocolException {
        publishedCount++;
        var topic = Objects.requireNonNull(consumed);
        topic.publish(input.rewind());
        topic.finishPushed();
    }

    /// What was measured has happened.
    @TearDown(Level.Iteration)
    public void check() {
        var delivering = Objects.requireNonNull(consumed);
        long answered = Objects.requireNonNull(stored).answeredCount() + delivering.answeredCount();
        long finished = delivering.finishedCount();
        if (answered != publishedCount || finished != delivering.answeredCount() * Load.MESSAGES) {
            throw new IllegalStateException(
                    "of %d MPUBs %d were answered, %d messages finished".formatted(publishedCount, answered, finished));
        }
    }
}
