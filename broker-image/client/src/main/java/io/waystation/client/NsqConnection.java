package io.waystation.client;

import io.waystation.wire.Frames;
import java.io.EOFException;
import java.io.IOException;
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
    private static final Logger LOG = LoggerFactory.getLogger(NsqConnection.class);

    /// Hears what the broker sends. Called on the reading thread.
    interface Listener {
        void onMessage(Message message);

        void onResponse(String payload);

        void onError(String payload);

        /// The connection is gone; nothing else is called any more.
        void onClosed(String cause);
    }

    private final FrameStream stream;
    private final ReentrantLock writing = new ReentrantLock();
    private final Listener listener;
    private final int maxReady;

    /// Connects and does all that comes before the first command; blocks for it.
    NsqConnection(BrokerAddress address, ClientOptions options, Listener listener) throws IOException {
        this.listener = listener;
        var socket = new Socket();
        try {
            var local = options.localAddress();
            if (local.isPresent()) {
                socket.bind(local.get());
            }
            socket.connect(
                    address.resolve(), Math.toIntExact(options.dialTimeout().toMillis()));
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(Math.toIntExact(options.readTimeout().toMillis()));
            stream = new FrameStream(socket);
            maxReady = new Handshake(stream, address, options).run();
        } catch (IOException | RuntimeException failure) {
            socket.close();
            throw failure;
        }
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
                dispatch(stream.frame());
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

    private void dispatch(ByteBuffer frame) throws IOException {
        int type = frame.getInt();
        if (type == Frames.MESSAGE) {
            listener.onMessage(Message.read(frame));
            return;
        }
        var payload = StandardCharsets.UTF_8.decode(frame).toString();
        if (type == Frames.ERROR) {
            listener.onError(payload);
        } else if (FrameStream.isHeartbeat(type, payload)) {
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
        write(FrameStream.command(line, body));
    }

    private void write(byte[] bytes) throws IOException {
        writing.lock();
        try {
            stream.write(bytes);
        } finally {
            writing.unlock();
        }
    }

    /// Ends the connection; the reading thread hears of it and tells the listener.
    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException gone) {
            LOG.atDebug().addKeyValue("cause", gone.getMessage()).log("connection did not close in order");
        }
    }
}
