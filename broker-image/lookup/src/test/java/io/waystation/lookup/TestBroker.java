package io.waystation.lookup;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A broker's connection without a network: bytes go in, payloads of answers come out, and its timers run when they are
/// told. One character is one byte.
final class TestBroker {
    static final long SILENCE_MS = 600_000;
    private static final String DESCRIPTION = Lookup.describe("lookup.example", "lookup-host", 4161, 4160);

    private final EmbeddedChannel channel = new EmbeddedChannel();

    TestBroker(RegistrationDb registrations, String remoteAddress) {
        channel.freezeTime();
        LookupConnection.addTo(
                channel.pipeline(), new LookupSession(registrations, () -> DESCRIPTION, remoteAddress), SILENCE_MS);
    }

    /// Connected, with the protocol chosen, and known to the lookup.
    static TestBroker identified(RegistrationDb registrations, String host) {
        var broker = new TestBroker(registrations, host + ":50000");
        broker.send("  V1IDENTIFY\n");
        broker.send(sized("{\"broadcast_address\":\"" + host + "\",\"tcp_port\":4150,\"http_port\":4151,"
                + "\"version\":\"1.3.0\"}"));
        broker.answers();
        return broker;
    }

    static String sized(String body) {
        var size = ByteBuffer.allocate(Integer.BYTES).putInt(body.length()).array();
        return new String(size, StandardCharsets.ISO_8859_1) + body;
    }

    void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    void sendByteByByte(String text) {
        text.chars().forEach(next -> send(String.valueOf((char) next)));
    }

    /// Sends nothing more, and goes on reading.
    void endOfStream() {
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        channel.runPendingTasks();
    }

    void leave() {
        var _ = channel.close();
    }

    void pass(Duration time) {
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
    }

    /// The payloads that came since the last call.
    List<String> answers() {
        channel.runPendingTasks();
        var bytes = Unpooled.buffer();
        for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            bytes.writeBytes(next);
            next.release();
        }
        var answers = new ArrayList<String>();
        while (bytes.isReadable()) {
            answers.add(bytes.readCharSequence(bytes.readInt(), StandardCharsets.ISO_8859_1)
                    .toString());
        }
        return answers;
    }

    boolean isClosed() {
        return !channel.isOpen();
    }

    boolean isReadFrom() {
        return channel.config().isAutoRead();
    }

    EmbeddedChannel channel() {
        return channel;
    }
}
