package io.waystation.client;

import com.fasterxml.jackson.core.JsonFactory;
import io.waystation.wire.Frames;
import io.waystation.wire.MessageId;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;

/// One connection to a broker: says who we are, answers heartbeats, hands frames to a listener. Frames are read on one
/// virtual thread; commands may be sent from any thread, whole, because a lock is held around each.
final class NsqConnection implements AutoCloseable {
    /// The largest frame that is believed.
    private static final int MAX_FRAME_BYTES = 256 * 1024 * 1024;

    private static final String HEARTBEAT = "_heartbeat_";
    private static final JsonFactory JSON = new JsonFactory();

    /// Hears what the broker sends. Called on the reading thread.
    interface Listener {
        void onMessage(Message message);

        void onResponse(String payload);

        void onError(String payload);

        /// The connection is gone; nothing else is called any more.
        void onClosed(String cause);
    }

    private final Socket socket = new Socket();
    private final OutputStream output;
    private final DataInputStream input;
    private final ReentrantLock writing = new ReentrantLock();
    private final Listener listener;

    /// Connects and identifies.
    NsqConnection(String address, ClientOptions options, Listener listener) throws IOException {
        this.listener = listener;
        int colon = address.lastIndexOf(':');
        if (colon < 0) {
            throw new IOException("address " + address + " (expected: host:port)");
        }
        try {
            socket.connect(
                    new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
                    (int) options.dialTimeout().toMillis());
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) options.readTimeout().toMillis());
            output = socket.getOutputStream();
            input = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
            output.write("  V2".getBytes(StandardCharsets.US_ASCII));
            send("IDENTIFY\n", identity(options).getBytes(StandardCharsets.UTF_8));
            var answer = frame();
            if (answer.getInt() != Frames.RESPONSE) {
                throw new IOException("IDENTIFY was answered " + StandardCharsets.UTF_8.decode(answer));
            }
        } catch (IOException | RuntimeException failure) {
            socket.close();
            throw failure;
        }
    }

    private static String identity(ClientOptions options) throws IOException {
        var text = new StringWriter();
        try (var json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("client_id", options.clientId());
            json.writeStringField("hostname", options.hostname());
            json.writeStringField("user_agent", options.userAgent());
            json.writeBooleanField("feature_negotiation", true);
            json.writeNumberField(
                    "heartbeat_interval", options.heartbeatInterval().toMillis());
            json.writeNumberField("output_buffer_size", options.outputBufferSize());
            json.writeNumberField(
                    "output_buffer_timeout", options.outputBufferTimeout().toMillis());
            json.writeNumberField("sample_rate", options.sampleRate());
            json.writeNumberField("msg_timeout", options.msgTimeout().toMillis());
            json.writeEndObject();
        }
        return text.toString();
    }

    /// Begins to read.
    void start() {
        Thread.startVirtualThread(this::read);
    }

    private void read() {
        var cause = "closed by the broker";
        try {
            while (true) {
                dispatch(frame());
            }
        } catch (IOException failure) {
            cause = String.valueOf(failure.getMessage());
        } finally {
            close();
            listener.onClosed(cause);
        }
    }

    private ByteBuffer frame() throws IOException {
        int size = input.readInt();
        if (size < Integer.BYTES || size > MAX_FRAME_BYTES) {
            throw new IOException("a frame of " + size + " bytes (expected: 4.." + MAX_FRAME_BYTES + ")");
        }
        var bytes = input.readNBytes(size);
        if (bytes.length < size) {
            throw new IOException("closed by the broker");
        }
        return ByteBuffer.wrap(bytes);
    }

    private void dispatch(ByteBuffer frame) throws IOException {
        int type = frame.getInt();
        if (type == Frames.MESSAGE) {
            long timestampNs = frame.getLong();
            int attempts = Short.toUnsignedInt(frame.getShort());
            var id = new byte[MessageId.LENGTH];
            frame.get(id);
            var body = new byte[frame.remaining()];
            frame.get(body);
            listener.onMessage(new Message(timestampNs, attempts, new String(id, StandardCharsets.US_ASCII), body));
            return;
        }
        var payload = StandardCharsets.UTF_8.decode(frame).toString();
        if (type == Frames.ERROR) {
            listener.onError(payload);
        } else if (payload.equals(HEARTBEAT)) {
            send("NOP\n");
        } else {
            listener.onResponse(payload);
        }
    }

    void send(String line) throws IOException {
        write(line.getBytes(StandardCharsets.US_ASCII));
    }

    /// Sends a command with a body.
    void send(String line, byte[] body) throws IOException {
        var bytes = ByteBuffer.allocate(line.length() + Integer.BYTES + body.length);
        bytes.put(line.getBytes(StandardCharsets.US_ASCII)).putInt(body.length).put(body);
        write(bytes.array());
    }

    private void write(byte[] bytes) throws IOException {
        writing.lock();
        try {
            output.write(bytes);
            output.flush();
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException gone) {
            listener.onError("closing: " + gone.getMessage());
        }
    }
}
