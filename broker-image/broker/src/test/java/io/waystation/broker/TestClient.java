package io.waystation.broker;

import io.waystation.wire.Frames;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// A client that sends exactly what it is told, one character a byte, and reads frames. A read that takes longer than
/// 10 s fails the test.
final class TestClient implements AutoCloseable {
    private final LayeredSocket socket;

    /// A message as it came.
    record Message(long timestampNs, int attempts, String id, String body) {}

    TestClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    TestClient(Socket connected) throws IOException {
        socket = new LayeredSocket(connected);
    }

    static TestClient open(int port) throws IOException {
        var client = new TestClient(port);
        client.send("  V2");
        return client;
    }

    /// Joined to a channel, with a window.
    static TestClient consumer(int port, String topic, String channel, int ready) throws IOException {
        var client = open(port);
        client.send("SUB " + topic + " " + channel + "\nRDY " + ready + "\n");
        client.expect("OK");
        return client;
    }

    /// The handshake of a client that was told that TLS comes next.
    SSLSession startTls(SSLContext context, String... protocols) throws IOException {
        return socket.startTls(context, protocols);
    }

    void startSnappy() throws IOException {
        socket.startSnappy();
    }

    void startSnappyAnewEachTime() throws IOException {
        socket.startSnappyAnewEachTime();
    }

    void startDeflate() {
        socket.startDeflate();
    }

    void send(String latin1) throws IOException {
        socket.write(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    void sendByteByByte(String latin1) throws IOException {
        for (byte next : latin1.getBytes(StandardCharsets.ISO_8859_1)) {
            socket.write(new byte[] {next});
        }
    }

    static String sized(String body) {
        return new String(ByteBuffer.allocate(4).putInt(body.length()).array(), StandardCharsets.ISO_8859_1) + body;
    }

    static String pub(String topic, String body) {
        return "PUB " + topic + "\n" + sized(body);
    }

    static String mpub(String topic, String... bodies) {
        var messages = new StringBuilder();
        for (var body : bodies) {
            messages.append(sized(body));
        }
        var count = new String(ByteBuffer.allocate(4).putInt(bodies.length).array(), StandardCharsets.ISO_8859_1);
        return "MPUB " + topic + "\n" + sized(count + messages);
    }

    private ByteBuffer frame() throws IOException {
        return ByteBuffer.wrap(socket.input().readNBytes(socket.input().readInt()));
    }

    /// The payload of the next frame that is no message and no heartbeat.
    String response() throws IOException {
        while (true) {
            var frame = frame();
            int type = frame.getInt();
            var payload = StandardCharsets.ISO_8859_1.decode(frame).toString();
            if (type != Frames.MESSAGE && !payload.equals("_heartbeat_")) {
                return payload;
            }
        }
    }

    void expect(String payload) throws IOException {
        var found = response();
        if (!found.equals(payload)) {
            throw new AssertionError("expected " + payload + ", got " + found);
        }
    }

    Message message() throws IOException {
        var frame = frame();
        int type = frame.getInt();
        if (type != Frames.MESSAGE) {
            throw new AssertionError("expected a message, got " + StandardCharsets.ISO_8859_1.decode(frame));
        }
        long timestampNs = frame.getLong();
        int attempts = Short.toUnsignedInt(frame.getShort());
        var id = new byte[16];
        frame.get(id);
        return new Message(
                timestampNs,
                attempts,
                new String(id, StandardCharsets.ISO_8859_1),
                StandardCharsets.ISO_8859_1.decode(frame).toString());
    }

    /// Everything that comes until the server closes: payloads of responses and errors, or null when nothing came.
    @Nullable String lastResponseBeforeClose() throws IOException {
        String last = null;
        try {
            while (true) {
                last = response();
            }
        } catch (EOFException closed) {
            return last;
        }
    }

    /// Whether something has arrived that was not read.
    boolean hasInput() throws IOException {
        return socket.input().available() > 0;
    }

    /// All bytes that come until the server closes.
    byte[] rest() throws IOException {
        return socket.input().readAllBytes();
    }

    void finish(Message message) throws IOException {
        send("FIN " + message.id() + "\n");
    }

    /// Sends no more; what the server still says can be read.
    void endInput() throws IOException {
        socket.endOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
