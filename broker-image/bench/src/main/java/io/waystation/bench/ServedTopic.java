package io.waystation.bench;

import io.waystation.broker.loop.Loop;
import io.waystation.broker.topic.ClientStats;
import io.waystation.broker.topic.Consumer;
import io.waystation.broker.topic.ConsumerOutput;
import io.waystation.broker.topic.ConsumerTerms;
import io.waystation.broker.topic.LatencySettings;
import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicContext;
import io.waystation.broker.topic.TopicListener;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.Topics;
import io.waystation.broker.topic.Volume;
import io.waystation.log.LogSettings;
import io.waystation.wire.CommandDecoder;
import io.waystation.wire.Frames;
import io.waystation.wire.MessageId;
import io.waystation.wire.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The broker's own topic behind the protocol's decoder, for one producer and one consumer: what a broker does between
/// two system calls. Bytes that came go in, bytes to be sent come out; files keep nothing.
final class ServedTopic {
    private static final Path DIRECTORY = Path.of("topic");
    private static final long TIMEOUT_MS = 60_000;
    private static final int READY_COUNT = 2500;
    private static final int OUTPUT_BYTES = 64 * 1024;
    private static final byte[] OK = Frames.response("OK");
    private static final byte[] FIN = "FIN ".getBytes(StandardCharsets.US_ASCII);

    private final BenchLoop thread = new BenchLoop();
    private final Loop loop = new Loop(0, thread);
    private final Topic topic;
    private final Producer producer = new Producer();
    private final Peer peer = new Peer();
    private final CommandDecoder publishes = new CommandDecoder(producer, Load.LIMITS);
    private final CommandDecoder finishes = new CommandDecoder(peer, Load.LIMITS);

    ServedTopic() throws IOException, ProtocolException {
        topic = open();
        topic.start();
        var magic = ByteBuffer.wrap("  V2".getBytes(StandardCharsets.US_ASCII));
        publishes.decode(magic);
        finishes.decode(magic.rewind());
        thread.finishPass();
    }

    private Topic open() throws IOException {
        // One segment, so that no roll lies in the measurement.
        var log = LogSettings.defaults().withSegmentBytes(Long.MAX_VALUE / 2);
        var settings = new TopicSettings(
                TopicSettings.Flush.OS,
                TopicSettings.Retention.CONSUMED,
                0,
                Load.LIMITS.maxMessageSize(),
                Load.LIMITS.maxDeferMs());
        var context = new TopicContext(
                new VoidFiles(),
                0,
                List.of(log),
                new Volume(),
                Runnable::run,
                Runnable::run,
                () -> settings,
                new NobodyListens(),
                Long.MAX_VALUE,
                LatencySettings.OFF);
        var topics = new Topics(context, List.of(loop), DIRECTORY, _ -> Set.of());
        return Topic.open(context, topics, "sub_bench", DIRECTORY, loop);
    }

    /// The consumer joins a channel and gets what is published from now on.
    void subscribe() throws IOException, ProtocolException {
        peer.consumer = topic.obtainChannel("ch").join(peer, new ConsumerTerms(0, TIMEOUT_MS, 0, null), 0);
        finishes.decode(ByteBuffer.wrap("SUB sub_bench ch\n".getBytes(StandardCharsets.US_ASCII)));
        finishes.subscribed();
        peer.consumer().ready(READY_COUNT);
        thread.finishPass();
    }

    /// A pass in which these bytes came from the producer. The messages are stored, answered, and pushed if somebody
    /// consumes.
    void publish(ByteBuffer input) throws ProtocolException {
        producer.output.clear();
        peer.output.clear();
        peer.answers.clear();
        loop.begin();
        publishes.decode(input);
        thread.finishPass();
    }

    /// A pass in which a FIN for each pushed message came from the consumer.
    void finishPushed() throws ProtocolException {
        loop.begin();
        finishes.decode(peer.answers.flip());
        thread.finishPass();
    }

    /// So many MPUBs got their answers.
    long answeredCount() {
        return producer.answeredCount;
    }

    long finishedCount() {
        return peer.finishedCount;
    }

    private final class Producer extends QuietSink implements PublishWaiter {
        private final ByteBuffer output = ByteBuffer.allocateDirect(OUTPUT_BYTES);
        private long answeredCount;

        @Override
        public void onMultiPublish(String name, ByteBuffer input, int position, int messages) {
            topic.publishBatch(input, position, messages, this, 0);
        }

        @Override
        public void onPublished(int ticket) {
            output.put(OK);
            answeredCount++;
        }

        @Override
        public void onPublishFailed(int ticket, String cause) {
            throw new IllegalStateException("a publish failed: " + cause);
        }
    }

    /// Frames what it is pushed, and writes the FIN that its client would answer with.
    private static final class Peer extends QuietSink implements ConsumerOutput {
        private final ByteBuffer output = ByteBuffer.allocateDirect(OUTPUT_BYTES);
        private final ByteBuffer answers = ByteBuffer.allocateDirect(OUTPUT_BYTES);
        private @Nullable Consumer consumer;
        private long finishedCount;

        private Consumer consumer() {
            return Objects.requireNonNull(consumer);
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void push(ByteBuffer source, int position, int length, long timestampNs, int attempts, long id) {
            int at = output.position();
            Frames.putMessageHeader(output, at, length, timestampNs, attempts, id);
            output.put(at + Frames.MESSAGE_OVERHEAD, source, position, length);
            output.position(at + Frames.MESSAGE_OVERHEAD + length);
            answers.put(FIN);
            MessageId.put(answers, answers.position(), id);
            answers.position(answers.position() + MessageId.LENGTH).put((byte) '\n');
        }

        @Override
        public void onFinish(long id, ByteBuffer input, int idPosition) {
            var problem = consumer().finish(id);
            if (problem != null) {
                throw new IllegalStateException("a FIN failed: " + problem);
            }
            finishedCount++;
        }

        @Override
        public void onStarved() {
            // What is pushed is there at once.
        }

        @Override
        public ClientStats stats(Consumer joined) {
            throw new UnsupportedOperationException("nobody asks");
        }

        @Override
        public void onChannelClosed() {
            throw new IllegalStateException("the channel is gone");
        }
    }

    private static final class NobodyListens implements TopicListener {
        @Override
        public void onTopicCreated(String name) {
            // nobody
        }

        @Override
        public void onTopicDeleted(String name) {
            // nobody
        }

        @Override
        public void onChannelCreated(String name, String channel) {
            // nobody
        }

        @Override
        public void onChannelDeleted(String name, String channel) {
            // nobody
        }
    }
}
