package io.waystation.client;

import com.fasterxml.jackson.core.JsonFactory;
import io.waystation.wire.Frames;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to a broker: says who we are, answers heartbeats, hands frames to a listener.
///
/// Safe from any thread: commands are written whole under a lock. Frames are read on one virtual thread, on which
/// the listener is called; while the listener waits, nothing more is read, heartbeats neither.
final class NsqConnection implements AutoCloseable {
    /// The largest frame that is believed.
    private static final int MAX_FRAME_BYTES = 256 * 1024 * 1024;

    /// What brokers allow that do not say what they allow.
    private static final int DEFAULT_MAX_READY = 2500;

    private static final int READ_BUFFER_BYTES = 64 * 1024;
    private static final String MAGIC = "  V2";
    private static final String HEARTBEAT = "_heartbeat_";
    private static final JsonFactory JSON = new JsonFactory();
    private static final Logger LOG = LoggerFactory.getLogger(NsqConnection.class);

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
    private final int maxReady;

    /// Connects and identifies; blocks for it.
    NsqConnection(BrokerAddress address, ClientOptions options, Listener listener) throws IOException {
        this.listener = listener;
        try {
            var local = options.localAddress();
            if (local.isPresent()) {
                socket.bind(local.get());
            }
            socket.connect(
                    address.resolve(), Math.toIntExact(options.dialTimeout().toMillis()));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(Math.toIntExact(options.readTimeout().toMillis()));
            output = socket.getOutputStream();
            input = new DataInputStream(new BufferedInputStream(socket.getInputStream(), READ_BUFFER_BYTES));
            maxReady = identify(options);
        } catch (IOException | RuntimeException failure) {
            socket.close();
            throw failure;
        }
    }

    /// Says who we are; what the broker allows as RDY count.
    private int identify(ClientOptions options) throws IOException {
        output.write(MAGIC.getBytes(StandardCharsets.US_ASCII));
        send("IDENTIFY\n", identity(options).getBytes(StandardCharsets.UTF_8));
        var answer = frame();
        int type = answer.getInt();
        var payload = new byte[answer.remaining()];
        answer.get(payload);
        if (type != Frames.RESPONSE) {
            throw new IOException("IDENTIFY was answered " + new String(payload, StandardCharsets.UTF_8));
        }
        if (payload.length == 0 || payload[0] != '{') {
            return DEFAULT_MAX_READY;
        }
        long count = JsonValue.parse(new ByteArrayInputStream(payload))
                .get("max_rdy_count")
                .number();
        return count > 0 && count <= Integer.MAX_VALUE ? (int) count : DEFAULT_MAX_READY;
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

    /// The highest RDY count that the broker accepts.
    int maxReady() {
        return maxReady;
    }

    private void read() {
        var cause = "";
        try {
            while (true) {
                dispatch(frame());
            }
        } catch (EOFException closed) {
            cause = "closed by the broker";
        } catch (SocketTimeoutException silent) {
            cause = "the broker said nothing for the read_timeout";
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
            throw new EOFException("a frame of " + size + " bytes ended after " + bytes.length);
        }
        return ByteBuffer.wrap(bytes);
    }

    private void dispatch(ByteBuffer frame) throws IOException {
        int type = frame.getInt();
        if (type == Frames.MESSAGE) {
            listener.onMessage(Message.read(frame));
            return;
        }
        var payload = StandardCharsets.UTF_8.decode(frame).toString();
        if (type == Frames.ERROR) {
            listener.onError(payload);
        } else if (payload.equals(HEARTBEAT)) {
            answerHeartbeat();
        } else {
            listener.onResponse(payload);
        }
    }

    /// A command that is just being written is a life sign as good as NOP; waiting for it would stop the reading,
    /// and a broker that waits for its reader would never take the rest of the command.
    private void answerHeartbeat() throws IOException {
        if (writing.tryLock()) {
            try {
                send("NOP\n");
            } finally {
                writing.unlock();
            }
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
        } finally {
            writing.unlock();
        }
    }

    /// Ends the connection; the reading thread hears of it and tells the listener.
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException gone) {
            LOG.atDebug().addKeyValue("cause", gone.getMessage()).log("connection did not close in order");
        }
    }
}
