package io.waystation.bench;

import io.waystation.wire.CommandDecoder;
import io.waystation.wire.MessageId;
import io.waystation.wire.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/// What finding and checking a command costs: an MPUB per message, and FIN.
public class CommandDecoderBenchmark extends MessageBenchmark {
    private final CountingSink sink = new CountingSink();
    private final ByteBuffer publishes = Load.multiPublish();
    private final ByteBuffer finishes = ByteBuffer.allocateDirect(Load.MESSAGES * (5 + MessageId.LENGTH));
    private final CommandDecoder producer = new CommandDecoder(sink, Load.LIMITS);
    private final CommandDecoder consumer = new CommandDecoder(sink, Load.LIMITS);

    @Setup
    public void connect() throws ProtocolException {
        var magic = ByteBuffer.wrap("  V2".getBytes(StandardCharsets.US_ASCII));
        producer.decode(magic);
        consumer.decode(magic.rewind());
        consumer.decode(ByteBuffer.wrap("SUB t c\n".getBytes(StandardCharsets.US_ASCII)));
        consumer.subscribed();
        for (int i = 0; i < Load.MESSAGES; i++) {
            finishes.put(String.format("FIN %016x\n", i).getBytes(StandardCharsets.US_ASCII));
        }
        finishes.flip();
    }

    @Benchmark
    public long multiPublish() throws ProtocolException {
        producer.decode(publishes.rewind());
        return sink.count;
    }

    @Benchmark
    public long finish() throws ProtocolException {
        consumer.decode(finishes.rewind());
        return sink.count;
    }

    private static final class CountingSink extends QuietSink {
        private long count;

        @Override
        public void onFinish(long id, ByteBuffer input, int idPosition) {
            count += id;
        }

        @Override
        public void onMultiPublish(String topic, ByteBuffer input, int position, int messages) {
            count += messages;
        }
    }
}
